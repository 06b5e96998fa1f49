/** Buttons that copy a text, and show until they lose the focus whether that worked. */
import { type ReactNode, useState } from 'react'
import css from './copying.module.css'
import { Icon } from './icon.tsx'
import { visibleText } from './visible-text.ts'
import { Button } from './widgets.tsx'

type Copied = 'not yet' | 'copied' | 'refused'

function useCopying(text: () => string): { copied: Copied; onPress: () => void; onBlur: () => void } {
  const [copied, setCopied] = useState<Copied>('not yet')
  const onPress = () => {
    navigator.clipboard.writeText(text()).then(
      () => setCopied('copied'),
      () => setCopied('refused'),
    )
  }
  return { copied, onPress, onBlur: () => setCopied('not yet') }
}

/** `children`: what it says before it is pressed. */
export function CopyButton(props: { text: string | (() => string); look?: 'quiet'; children: ReactNode }) {
  const { text, look, children } = props
  const { copied, ...events } = useCopying(typeof text === 'string' ? () => text : text)
  const said: Record<Copied, ReactNode> = { 'not yet': children, copied: 'Copied', refused: 'Copy failed' }
  return (
    <Button {...events} {...(look === undefined ? {} : { look })}>
      <Icon name={copied === 'copied' ? 'check' : 'copy'} />
      <span aria-live="polite">{said[copied]}</span>
    </Button>
  )
}

/** `what` names it: "the cookie". What is copied can be pasted anywhere: it has no control characters. */
export function CopyIcon({ text, what }: { text: string; what: string }) {
  const { copied, ...events } = useCopying(() => visibleText(text))
  return (
    <Button
      look="quiet"
      aria-label={copied === 'copied' ? `Copied ${what}` : `Copy ${what}`}
      className={css.icon}
      {...events}
    >
      <Icon name={copied === 'copied' ? 'check' : 'copy'} />
    </Button>
  )
}

/** A command to run in a terminal. `what` names it where the command itself says too little. */
export function CommandLine({ command, what = command }: { command: string; what?: string }) {
  return (
    <div className={css.line}>
      <code>{visibleText(command)}</code>
      <CopyIcon text={command} what={what} />
    </div>
  )
}
