/** A small button that copies a text, and shows for a moment that it did. */
import { useState } from 'react'
import { Icon } from './icon.tsx'
import { visibleText } from './visible-text.ts'
import { Button } from './widgets.tsx'

/** `what` names it: "Copy the cookie". */
export function CopyIcon({ text, what, className }: { text: string; what: string; className?: string | undefined }) {
  const [copied, setCopied] = useState(false)
  const copy = () =>
    navigator.clipboard.writeText(visibleText(text)).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  return (
    <Button
      look="quiet"
      aria-label={copied ? 'Copied' : `Copy ${what}`}
      onPress={() => void copy()}
      onBlur={() => setCopied(false)}
      {...(className === undefined ? {} : { className })}
    >
      <Icon name={copied ? 'check' : 'copy'} />
    </Button>
  )
}
