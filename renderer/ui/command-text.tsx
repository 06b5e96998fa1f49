/** A command to run in a terminal, with a button that copies it. */
import { useState } from 'react'
import css from './command-text.module.css'
import { Icon } from './icon.tsx'
import { Button } from './widgets.tsx'

export function CommandText({ text }: { text: string }) {
  const [copied, setCopied] = useState(false)
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  return (
    <span className={css.command}>
      <code>{text}</code>
      <Button
        look="quiet"
        aria-label={copied ? 'Copied' : 'Copy the command'}
        onPress={() => void copy()}
        onBlur={() => setCopied(false)}
      >
        <Icon name={copied ? 'check' : 'copy'} />
      </Button>
    </span>
  )
}
