/** An error of the engine, shown where the action was started. */
import type { Problem } from '../../../electron/contract/errors.ts'
import { Sign } from '../../ui/sign.tsx'
import { visibleText } from '../../ui/visible-text.ts'
import css from './error-text.module.css'

export function errorText({ cause, hint }: Problem): string {
  const sentence = cause.charAt(0).toUpperCase() + cause.slice(1)
  return visibleText(`${sentence}.${hint === null ? '' : ` ${hint}`}`)
}

/** `id` links it to the field that it concerns. */
export function ErrorText({ problem, id }: { problem: Problem; id?: string }) {
  return (
    <p className={css.error} role="alert" id={id}>
      <Sign name="critical" label="" />
      <span>{errorText(problem)}</span>
    </p>
  )
}
