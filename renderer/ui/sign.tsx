/** The state signs: each has its own shape, so that color is never the only signal. */
import { clsx } from 'clsx'
import type { ReactNode } from 'react'
import css from './sign.module.css'

export type SignName = 'critical' | 'warning' | 'info' | 'ok' | 'unknown' | 'new' | 'gone' | 'changed' | 'none'

const SHAPES: Record<SignName, ReactNode> = {
  critical: (
    <>
      <path className={css.fill} d="M5.2 1.2h5.6l4 4v5.6l-4 4H5.2l-4-4V5.2z" />
      <path className={css.cut} d="M8 4.5v4.2M8 11.3v.01" />
    </>
  ),
  warning: (
    <>
      <path
        className={css.fill}
        d="M7.1 2 .9 12.9A1.05 1.05 0 0 0 1.8 14.5h12.4a1.05 1.05 0 0 0 .9-1.6L8.9 2a1.05 1.05 0 0 0-1.8 0z"
      />
      <path className={css.cut} d="M8 6.1v3.7M8 12.2v.01" />
    </>
  ),
  info: (
    <>
      <circle className={css.stroke} cx="8" cy="8" r="6.2" />
      <path className={css.stroke} d="M8 7.4v3.8M8 4.9v.01" />
    </>
  ),
  ok: <path className={css.stroke} d="m3.2 8.6 3.1 3.1 6.5-7.2" />,
  unknown: (
    <>
      <circle className={css.stroke} cx="8" cy="8" r="6.2" strokeDasharray="2.2 2.1" />
      <path className={css.stroke} d="M6.5 6.5a1.6 1.6 0 1 1 2.2 1.5c-.5.2-.7.5-.7 1M8 11v.01" />
    </>
  ),
  new: <path className={css.stroke} d="M8 3.6v8.8M3.6 8h8.8" />,
  gone: <path className={css.stroke} d="M3.6 8h8.8" />,
  changed: <circle className={css.fill} cx="8" cy="8" r="2.6" />,
  none: <circle className={css.stroke} cx="8" cy="8" r="2.2" />,
}

const WORDS: Record<SignName, string> = {
  critical: 'critical',
  warning: 'warning',
  info: 'note',
  ok: 'yes',
  unknown: 'unknown',
  new: 'new',
  gone: 'removed',
  changed: 'changed',
  none: 'nothing wrong',
}

/**
 * `label` replaces the sign's default label; an empty one hides the sign from screen readers where text is beside it.
 */
export function Sign({ name, label, size }: { name: SignName; label?: string; size?: 'small' | 'large' }) {
  const words = label ?? WORDS[name]
  const className = clsx(css.sign, css[name], size && css[size])
  if (words === '') {
    return (
      <svg className={className} viewBox="0 0 16 16" aria-hidden="true">
        {SHAPES[name]}
      </svg>
    )
  }
  return (
    <svg className={className} viewBox="0 0 16 16" role="img" aria-label={words}>
      {SHAPES[name]}
    </svg>
  )
}
