/** An error of the engine, shown where the action was started. */
import type { Problem } from '../../../electron/contract/errors.ts'
import { CodedText } from '../../ui/coded-text.tsx'
import { Sign } from '../../ui/sign.tsx'
import css from './error-text.module.css'

export function errorText({ cause, hint }: Problem): string {
  const sentence = cause.charAt(0).toUpperCase() + cause.slice(1)
  return `${sentence}.${hint === null ? '' : ` ${hint}`}`
}

/** `id` links it to the field that it concerns. */
export function ErrorText({ problem, id }: { problem: Problem; id?: string }) {
  return (
    <p className={css.error} role="alert" id={id}>
      <Sign name="critical" label="" />
      <span>
        <CodedText text={errorText(problem)} />
      </span>
    </p>
  )
}
