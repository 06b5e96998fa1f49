/** An error of the engine, shown where the action was started. */
import type { Problem } from '../../electron/contract/errors.ts'
import { Sign } from '../ui/sign.tsx'
import { visibleText } from '../ui/visible-text.ts'

export function refusalText({ happened, remedy }: Problem): string {
  const sentence = happened.charAt(0).toUpperCase() + happened.slice(1)
  return visibleText(`${sentence}.${remedy === null ? '' : ` ${remedy}`}`)
}

/** `id` links it to the field that it concerns. */
export function Refusal({ problem, id }: { problem: Problem; id?: string }) {
  return (
    <p className="refusal" role="alert" id={id}>
      <Sign name="critical" label="" />
      <span>{refusalText(problem)}</span>
    </p>
  )
}
