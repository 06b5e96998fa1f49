/** Snapshots: save, open, compare two, export. */
import { clsx } from 'clsx'
import { Header, MenuItem, MenuSection } from 'react-aria-components'
import type { Comparison } from '../../../electron/contract/comparison.ts'
import { endpoint } from '../../../electron/contract/format.ts'
import { type ComparisonInput, ExportFormat, type StoredItem } from '../../../electron/contract/snapshots.ts'
import { useEachClient, useSession } from '../../model/store/context.ts'
import { Waiting } from '../../model/waiting.tsx'
import { CopyButton } from '../../ui/copying.tsx'
import { FloatingMenu } from '../../ui/floating-menu.tsx'
import { countOf } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import menu from '../../ui/menu.module.css'
import { Pane } from '../../ui/pane.tsx'
import { ProblemList } from '../../ui/problem-list.tsx'
import { Sign } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { visibleName, visibleText } from '../../ui/visible-text.ts'
import { Button } from '../../ui/widgets.tsx'
import { ComparisonTable } from './comparison.tsx'
import { formatElapsed, formatTakenExact } from './format.ts'
import { SnapshotList } from './snapshot-list.tsx'
import css from './snapshots-screen.module.css'
import { useSnapshots, useSnapshotsStore } from './store.ts'
import { saveText } from './transfer.ts'

const FORMAT_NAMES: Record<ExportFormat, string> = {
  json: 'Snapshot (JSON)',
  html: 'Report (HTML)',
  csv: 'Table, one row per member (CSV)',
  markdown: 'Text for a ticket (Markdown)',
  svg: 'Image (SVG)',
  png: 'Image (PNG)',
  prometheus: 'Metrics (Prometheus text)',
}

export function SnapshotsScreen() {
  const { load } = useSnapshotsStore()
  useEachClient(load)
  return (
    <div className={css.screen}>
      <h1 className={text.hidden}>Snapshots</h1>
      <SnapshotList />
      <div className={css.compared}>
        <WorkLine />
        <Content />
      </div>
    </div>
  )
}

function WorkLine() {
  const work = useSnapshots((state) => state.work)
  if (work === null) return null
  return (
    <div className={css.working} role="status">
      <progress aria-label={work.what} {...(work.done === null ? {} : { value: work.done })} />
      <span>{visibleText(work.what)} …</span>
      <Button onPress={work.stop}>Cancel</Button>
    </div>
  )
}

function Content() {
  const problem = useSnapshots((state) => state.problem)
  const failed = useSnapshots((state) => state.failed)
  const answer = useSnapshots((state) => state.answer)
  const before = useSnapshots((state) => state.before)
  const after = useSnapshots((state) => state.after)
  const work = useSnapshots((state) => state.work)
  const kept = useSnapshots((state) => state.items)
  const reached = useSession(({ client }) => client !== null)
  const { state, saveNow } = useSnapshotsStore()
  if (kept === null && !reached) return <Waiting />
  if (problem !== null) {
    return (
      <Pane
        icon={<Sign name="warning" label="" />}
        title={`Could not ${visibleText(failed)}`}
        ways={<Button onPress={() => state.setState({ problem: null })}>Back</Button>}
      >
        <ProblemList problem={problem} />
      </Pane>
    )
  }
  if (answer !== null && before !== null && after !== null) {
    return (
      <>
        <ComparisonHeader before={before} after={after} kept={kept ?? []} />
        <ComparisonTable answer={answer} sides={{ before, after }} />
      </>
    )
  }
  if (work !== null) return null
  if (kept === null) return <Waiting />
  const ways = (
    <Button look="primary" onPress={() => void saveNow()}>
      <Icon name="snapshot" />
      Save snapshot
    </Button>
  )
  return (
    <Pane
      icon={<Icon name="snapshot" />}
      title={kept.length === 0 ? 'No snapshots yet' : 'Choose two to compare'}
      ways={ways}
    >
      <p>
        A snapshot holds every group with its members, owners, queues and drops at one moment. Save one before a change
        and compare it with the live state afterward. To open a snapshot file, choose it or drop it here.
      </p>
    </Pane>
  )
}

/** A snapshot of a recording has the recording's name; its time is shown beside it. */
function nameOf(side: ComparisonInput, kept: readonly StoredItem[]): string {
  const [file] = side.split(/#\d+$/)
  return side === 'now' ? 'Now' : visibleName(kept.find(({ id }) => id === file)?.name ?? 'removed')
}

function ComparisonHeader({
  before,
  after,
  kept,
}: {
  before: ComparisonInput
  after: ComparisonInput
  kept: readonly StoredItem[]
}) {
  const comparison = useSnapshots((state) => state.answer?.comparison)
  const omitted = useSnapshots((state) => state.answer?.omitted ?? 0)
  const { compareChosen } = useSnapshotsStore()
  if (comparison === undefined) return null
  const story = [
    `${nameOf(before, kept)} (${comparison.before.takenAt}) → ${nameOf(after, kept)} (${comparison.after.takenAt})`,
    ...comparison.summary,
    ...comparison.groups.map(
      ({ change, key, summary }) =>
        `${change}: ${key.protocol} ${endpoint(key)}. ${change === 'added' ? '' : summary.join(' ')}`,
    ),
    ...(omitted > 0 ? [`and ${countOf(omitted, 'more group')}`] : []),
  ]
    .map(visibleText)
    .join('\n')
  return (
    <header className={css.head}>
      <div className={css.line}>
        <h2>
          <span className={css.which}>
            <span className={clsx(css.letter, css.a)}>A</span>
            {nameOf(before, kept)} <Moment at={comparison.before.takenAt} />
          </span>
          <span className={css.which}>
            <Icon name="arrow" />
            <span className={clsx(css.letter, css.b)}>B</span>
            {nameOf(after, kept)} <Moment at={comparison.after.takenAt} />
          </span>
          <span className={css.apart}>
            {formatElapsed(comparison.elapsedMs)}, {comparison.matchedBy === 'identity' ? 'same boot' : 'by endpoint'}
          </span>
        </h2>
        <div className={css.right}>
          {(before === 'now' || after === 'now') && (
            <Button onPress={() => void compareChosen()}>
              <Icon name="refresh" />
              Compare again
            </Button>
          )}
          <CopyButton look="quiet" text={story}>
            Copy details
          </CopyButton>
          <ExportMenu of={before} name={nameOf(before, kept)} comparison={comparison} omitted={omitted} text={story} />
        </div>
      </div>
      <p className={css.told}>
        <b>{visibleText(comparison.summary[0] ?? '')}</b> {visibleText(comparison.summary.slice(1).join(' '))}
      </p>
    </header>
  )
}

function Moment({ at }: { at: string }) {
  return (
    <time dateTime={at} title={new Date(at).toLocaleString('en-GB')}>
      {formatTakenExact(at)}
    </time>
  )
}

/** `omitted`: groups that the comparison lacks. `text`: it in words. */
function ExportMenu(props: {
  of: ComparisonInput
  name: string
  comparison: Comparison
  omitted: number
  text: string
}) {
  const { of, name, comparison, omitted, text } = props
  const { exportAs } = useSnapshotsStore()
  const act = (key: string) => {
    if (key === 'comparison json') {
      return saveText(`${JSON.stringify(comparison, null, 2)}\n`, 'comparison.json', 'application/json')
    }
    if (key === 'comparison text') return saveText(`${text}\n`, 'comparison.txt', 'text/plain')
    const [format, redacted] = key.split(' ')
    void exportAs(of, ExportFormat.parse(format), redacted !== undefined)
  }
  return (
    <FloatingMenu
      label="Export"
      placement="bottom end"
      choose={act}
      button={
        <Button aria-label="Export">
          <Icon name="export" />
          Export
          <Icon name="down" dim />
        </Button>
      }
    >
      <MenuSection>
        <Header className={menu.heading}>
          The comparison{omitted > 0 && `, without ${countOf(omitted, 'group')}`}
        </Header>
        <MenuItem id="comparison text">Text</MenuItem>
        <MenuItem id="comparison json">Data (JSON)</MenuItem>
      </MenuSection>
      <MenuSection>
        <Header className={menu.heading}>A alone: {name}</Header>
        {ExportFormat.options.map((format) => (
          <MenuItem key={format} id={format} textValue={FORMAT_NAMES[format]}>
            {FORMAT_NAMES[format]}
          </MenuItem>
        ))}
        <MenuItem id="json redacted">Snapshot, redacted (JSON)</MenuItem>
        <MenuItem id="html redacted">Report, redacted (HTML)</MenuItem>
      </MenuSection>
    </FloatingMenu>
  )
}
