/** How even the load is: a sentence, then the statistics behind it. */
import type { Balance } from '../../../electron/contract/analysis.ts'
import { formatCount } from '../../ui/format.ts'
import { visibleText } from '../../ui/visible-text.ts'
import { UnknownText } from '../../ui/widgets.tsx'
import css from './balance-section.module.css'
import { FULL, type MemberColumns } from './member-columns.ts'
import type { Shares } from './use-balance.ts'

const TITLES: Record<Balance['verdict'], string> = {
  even: 'As even as chance allows',
  hash: 'The hash spreads unevenly',
  program: 'Its program decides',
  given: 'Uneven in what members were given',
  workers: 'The hash is even, the workers are not',
  queues: 'The queues are uneven',
  unknown: 'Too few clients to judge evenness',
}

export function SpreadSection({
  balance,
  shares,
  columns,
}: {
  balance: Balance
  shares: Shares | null
  columns: MemberColumns
}) {
  const { flows, given, verdict, summary, warnings } = balance
  // What is even is said in the words of the summary, which knows how certain that is.
  const title = verdict === 'even' ? (summary.split(': ')[0] ?? TITLES.even) : TITLES[verdict]
  // What really came says more than what was sampled, where there is enough of it.
  const tested = given !== null && 'p' in given && given.p !== null ? given : flows
  const full = columns.which(FULL)
  const [only] = columns.pick(full.slice(0, 1))
  // A full queue is given less than was sent to it.
  const sampled = shares?.kind === 'sampled' ? shares : null
  const clients = full.length === 1 && only ? (sampled?.of(only.id) ?? null) : null
  return (
    <section className={css.spread} aria-label="Spread">
      <h2>{title}</h2>
      <p>
        {visibleText(withoutTitle(summary, title))}{' '}
        {only && sampled && clients !== null && (
          <b>
            The hash ignores queues: member {formatCount(only.number)} still gets its{' '}
            {((100 * clients) / sampled.clients).toFixed(1)}&nbsp;%.
          </b>
        )}
      </p>
      {tested && (
        <dl>
          <div>
            <dt>χ², {formatCount(tested.degreesOfFreedom)} d.f.</dt>
            <dd>{decimals(tested.chiSquare, 1)}</dd>
          </div>
          <div>
            <dt>p</dt>
            <dd>{tested.p === null ? <UnknownText /> : probability(tested.p)}</dd>
          </div>
          <div>
            <dt>Jain</dt>
            <dd>{decimals(tested.jain, 4)}</dd>
          </div>
          <div>
            <dt>max ÷ mean</dt>
            <dd>{decimals(tested.maxOverMean, 2)}</dd>
          </div>
        </dl>
      )}
      {warnings.map((warning) => (
        <p key={warning}>{visibleText(warning)}</p>
      ))}
    </section>
  )
}

/** In the terminal the sentence stands alone; here the part that repeats the title is dropped. */
function withoutTitle(sentence: string, title: string): string {
  const rest = sentence.startsWith(`${title}: `) ? sentence.slice(title.length + 2) : sentence
  return `${rest[0]?.toUpperCase() ?? ''}${rest.slice(1)}`
}

function decimals(value: number | null, digits: number) {
  return value === null ? <UnknownText /> : value.toFixed(digits)
}

function probability(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(p < 0.1 ? 3 : 2)
}
