import { clsx } from 'clsx'
import css from './icon.module.css'

/** The line icons: 16 by 16, stroke 1.5, round caps. Always beside text or with a label. */

const PATHS = {
  machine: [
    'M3.2 3h9.6A1.2 1.2 0 0 1 14 4.2v1.6A1.2 1.2 0 0 1 12.8 7H3.2A1.2 1.2 0 0 1 2 5.8V4.2A1.2 1.2 0 0 1 3.2 3z',
    'M3.2 9h9.6a1.2 1.2 0 0 1 1.2 1.2v1.6a1.2 1.2 0 0 1-1.2 1.2H3.2A1.2 1.2 0 0 1 2 11.8v-1.6A1.2 1.2 0 0 1 3.2 9z',
    'M4.6 5v.01M4.6 11v.01',
  ],
  namespace: [
    'M4 2.2h8A1.8 1.8 0 0 1 13.8 4v8a1.8 1.8 0 0 1-1.8 1.8H4A1.8 1.8 0 0 1 2.2 12V4A1.8 1.8 0 0 1 4 2.2z',
    'M6.6 5.6h2.8a1 1 0 0 1 1 1v2.8a1 1 0 0 1-1 1H6.6a1 1 0 0 1-1-1V6.6a1 1 0 0 1 1-1z',
  ],
  down: ['m4.5 6.3 3.5 3.5 3.5-3.5'],
  right: ['m6.3 4.5 3.5 3.5-3.5 3.5'],
  back: ['M9.7 4.5 6.2 8l3.5 3.5'],
  search: ['M11.2 7a4.2 4.2 0 1 1-8.4 0 4.2 4.2 0 0 1 8.4 0z', 'm10.2 10.2 3.3 3.3'],
  pause: ['M5.6 3.5v9M10.4 3.5v9'],
  play: ['M5 3.4v9.2L12.4 8z'],
  record: ['M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z', 'M10 8a2 2 0 1 1-4 0 2 2 0 0 1 4 0z'],
  stop: [
    'M4.8 3.6h6.4a1.2 1.2 0 0 1 1.2 1.2v6.4a1.2 1.2 0 0 1-1.2 1.2H4.8a1.2 1.2 0 0 1-1.2-1.2V4.8a1.2 1.2 0 0 1 1.2-1.2z',
  ],
  refresh: ['M13.2 8a5.2 5.2 0 1 1-1.6-3.8M13.4 2.4v2.8h-2.8'],
  groups: [
    'M1.5 8h3.2M4.7 8c2.6 0 2-4.6 5-4.6h.6M4.7 8h5.6M4.7 8c2.6 0 2 4.6 5 4.6h.6',
    'M14 3.4a1.6 1.6 0 1 1-3.2 0 1.6 1.6 0 0 1 3.2 0zM14 8a1.6 1.6 0 1 1-3.2 0A1.6 1.6 0 0 1 14 8zM14 12.6a1.6 1.6 0 1 1-3.2 0 1.6 1.6 0 0 1 3.2 0z',
  ],
  findings: ['M11.5 6.9a4.6 4.6 0 1 1-9.2 0 4.6 4.6 0 0 1 9.2 0z', 'm10.4 10.4 3.6 3.6M6.9 4.7v2.5M6.9 9.1v.01'],
  mute: ['M3.4 6.2h2L8.6 3.4v9.2L5.4 9.8h-2zM11 6.5l3 3M14 6.5l-3 3'],
  settings: [
    'M2 4.8h6.6M12 4.8h2M2 11.2h2M7.4 11.2H14',
    'M12 4.8a1.7 1.7 0 1 1-3.4 0 1.7 1.7 0 0 1 3.4 0zM7.4 11.2a1.7 1.7 0 1 1-3.4 0 1.7 1.7 0 0 1 3.4 0z',
  ],
  help: ['M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z', 'M6.3 6.4a1.8 1.8 0 1 1 2.5 1.7c-.5.2-.8.5-.8 1.1M8 11.3v.01'],
  copy: [
    'M6.8 5.4h5.2a1.4 1.4 0 0 1 1.4 1.4V12a1.4 1.4 0 0 1-1.4 1.4H6.8A1.4 1.4 0 0 1 5.4 12V6.8a1.4 1.4 0 0 1 1.4-1.4z',
    'M3 10.4V4A1.4 1.4 0 0 1 4.4 2.6h6',
  ],
  lock: [
    'M4.6 7h6.8a1.4 1.4 0 0 1 1.4 1.4v3.8a1.4 1.4 0 0 1-1.4 1.4H4.6a1.4 1.4 0 0 1-1.4-1.4V8.4A1.4 1.4 0 0 1 4.6 7z',
    'M5.4 7V5.2a2.6 2.6 0 0 1 5.2 0V7',
  ],
  user: ['M10.6 5.4a2.6 2.6 0 1 1-5.2 0 2.6 2.6 0 0 1 5.2 0z', 'M3 13.4c.6-2.6 2.5-4 5-4s4.4 1.4 5 4'],
  arrow: ['M2.5 8h10.6M9.6 4.4 13.2 8l-3.6 3.6'],
  sortDown: ['M8 3.5v9M5 9.5l3 3 3-3'],
  sortUp: ['M8 12.5v-9M5 6.5l3-3 3 3'],
  close: ['m4.5 4.5 7 7M11.5 4.5l-7 7'],
  snapshot: [
    'M3.6 5.2h5.6a1.6 1.6 0 0 1 1.6 1.6v5.6a1.6 1.6 0 0 1-1.6 1.6H3.6A1.6 1.6 0 0 1 2 12.4V6.8a1.6 1.6 0 0 1 1.6-1.6z',
    'M5.4 2.4h6.6A1.6 1.6 0 0 1 13.6 4v6.6',
  ],
  file: [
    'M4 2.2h5l3.2 3.2v7a1.4 1.4 0 0 1-1.4 1.4H4a1.4 1.4 0 0 1-1.4-1.4V3.6A1.4 1.4 0 0 1 4 2.2z',
    'M8.8 2.4v3.2H12',
  ],
  export: ['M8 2.4v7.4M5 6.9l3 3 3-3', 'M2.8 11.4v1.2a1.2 1.2 0 0 0 1.2 1.2h8a1.2 1.2 0 0 0 1.2-1.2v-1.2'],
  lab: ['M6 2h4M6.8 2v4.1l-3.9 6.5A1 1 0 0 0 3.8 14h8.4a1 1 0 0 0 .9-1.4L9.2 6.1V2M4.9 10h6.2'],
  add: ['M8 3.4v9.2M3.4 8h9.2'],
  check: ['m3.2 8.6 3.1 3.1 6.5-7.2'],
} as const

export type IconName = keyof typeof PATHS

export const ICON_NAMES = Object.keys(PATHS) as IconName[]

/** Decorative beside text: hidden from screen readers. */
export function Icon(props: { name: IconName; dim?: boolean; className?: string | undefined }) {
  const { name, dim = false, className } = props
  return (
    <svg className={clsx(css.icon, dim && css.dim, className)} viewBox="0 0 16 16" aria-hidden="true">
      {PATHS[name].map((d) => (
        <path key={d} d={d} strokeDasharray={name === 'namespace' && d.startsWith('M4 ') ? '2.2 2.1' : undefined} />
      ))}
    </svg>
  )
}
