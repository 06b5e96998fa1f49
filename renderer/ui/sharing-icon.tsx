/** Icon for how members share a port: one input, and where it leads. */
import { clsx } from 'clsx'
import type { Sharing } from '../../electron/contract/model.ts'
import css from './sharing-icon.module.css'

const FORK = 'M1 7h4M5 7c3 0 2.5-4.8 6-4.8h3M5 7h9M5 7c3 0 2.5 4.8 6 4.8h3'

/** Decorative: the name is shown beside it. */
export function SharingIcon({ sharing, large = false }: { sharing: Sharing; large?: boolean }) {
  return (
    <svg className={clsx(css.sharing, large && css.large)} viewBox="0 0 19 14" aria-hidden="true">
      {SHAPES[sharing]}
    </svg>
  )
}

const SHAPES: Record<Sharing, React.ReactNode> = {
  reuseport: (
    <>
      <path d={FORK} />
      <rect x="14.6" y=".7" width="3" height="3" rx=".6" />
      <rect x="14.6" y="5.5" width="3" height="3" rx=".6" />
      <rect x="14.6" y="10.3" width="3" height="3" rx=".6" />
    </>
  ),
  reuseaddr: (
    <>
      <path d="M1 7h4c3 0 2.5-4.8 6-4.8h3" />
      <rect x="14.6" y=".7" width="3" height="3" rx=".6" />
      <rect className={css.hollow} x="14.9" y="5.8" width="2.4" height="2.4" rx=".5" />
      <rect className={css.hollow} x="14.9" y="10.6" width="2.4" height="2.4" rx=".5" />
    </>
  ),
  inherited: (
    <>
      <path d="M1 7h4M8.6 7c3 0 2.5-4.8 5.5-4.8h3.5M8.6 7h9M8.6 7c3 0 2.5 4.8 5.5 4.8h3.5" />
      <rect x="5.2" y="5.3" width="3.4" height="3.4" rx=".6" />
    </>
  ),
  none: (
    <>
      <path d="M1 7h13" />
      <rect x="14.6" y="5.5" width="3" height="3" rx=".6" />
    </>
  ),
  unknown: <path strokeDasharray="2 2" d={FORK} />,
}
