/** A problem in its three parts, and as text to copy. */
import type { Problem } from '../../electron/contract/errors.ts'
import { CodedText } from './coded-text.tsx'
import { CopyButton } from './copying.tsx'
import { visibleText } from './visible-text.ts'

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

export function CopyProblem({ problem }: { problem: Problem }) {
  return (
    <CopyButton look="quiet" text={problemText(problem)}>
      Copy details
    </CopyButton>
  )
}
