/** A command to copy as it is. */
import { useState } from 'react'
import { Button as AriaButton } from 'react-aria-components'
import css from './command-line.module.css'
import { Icon } from './icon.tsx'

export function CommandLine({ command }: { command: string }) {
  const [copied, setCopied] = useState(false)
  const copy = () =>
    navigator.clipboard.writeText(command).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  return (
    <div className={css.line}>
      <code>{command}</code>
      <AriaButton
        className={css.copy}
        aria-label={copied ? `Copied ${command}` : `Copy ${command}`}
        onPress={() => void copy()}
        onBlur={() => setCopied(false)}
      >
        <Icon name={copied ? 'check' : 'copy'} />
      </AriaButton>
    </div>
  )
}
