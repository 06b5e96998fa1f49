/** A problem in its three parts, and as text to copy. */
import { useState } from 'react'
import type { Problem } from '../../electron/contract/errors.ts'
import { CodedText } from './coded-text.tsx'
import { Icon } from './icon.tsx'
import { visibleText } from './visible-text.ts'
import { Button } from './widgets.tsx'

export function ProblemList({ problem, shown }: { problem: Problem; shown?: string }) {
  return (
    <dl>
      <dt>Request</dt>
      <dd>
        <CodedText text={problem.operation} />
      </dd>
      <dt>Error</dt>
      <dd>
        <CodedText text={problem.cause} />
      </dd>
      {problem.hint !== null && (
        <>
          <dt>What to do</dt>
          <dd>
            <CodedText text={problem.hint} />
          </dd>
        </>
      )}
      {shown !== undefined && (
        <>
          <dt>Shown</dt>
          <dd>{shown}</dd>
        </>
      )}
    </dl>
  )
}

export function problemText({ operation, cause, hint }: Problem): string {
  const lines = [`Request: ${operation}`, `Error: ${cause}`, ...(hint === null ? [] : [`What to do: ${hint}`])]
  return lines.map(visibleText).join('\n')
}

/** Copies, and shows for a moment that it did. */
export function CopyButton({ text }: { text: string }) {
  const [copied, setCopied] = useState(false)
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  return (
    <Button look="quiet" onPress={() => void copy()} onBlur={() => setCopied(false)}>
      <Icon name={copied ? 'check' : 'copy'} />
      {copied ? 'Copied' : 'Copy details'}
    </Button>
  )
}
