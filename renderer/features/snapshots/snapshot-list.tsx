/** The list of saved snapshots: two of them are compared, A with B. */
import { clsx } from 'clsx'
import { useRef } from 'react'
import type { ComparisonInput, StoredItem } from '../../../electron/contract/snapshots.ts'
import { useSession } from '../../model/store/context.ts'
import { CodedText } from '../../ui/coded-text.tsx'
import { countOf, formatBytes, formatClock } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import screen from '../../ui/screen.module.css'
import text from '../../ui/text.module.css'
import { nameInText, visibleName, visibleText } from '../../ui/visible-text.ts'
import { Button, KeyHint } from '../../ui/widgets.tsx'
import { formatTaken } from './format.ts'
import css from './snapshot-list.module.css'
import { useRecording, useSnapshots, useSnapshotsStore } from './store.ts'

export function SnapshotList() {
  const kept = useSnapshots((state) => state.items)
  const work = useSnapshots((state) => state.work)
  const open = useSession((session) => session.client !== null)
  const { saveNow, openFile } = useSnapshotsStore()
  const file = useRef<HTMLInputElement>(null)
  return (
    <section className={clsx(screen.side, css.list)} aria-label="Saved snapshots">
      <h2>Choose two to compare</h2>
      <ul>
        <Entry side="now" name="Now" aside="this machine, live" />
        {kept?.map((one) => (
          <Entry key={one.id} side={one.id} name={one.name} aside={asideOf(one)} kept={one} />
        ))}
      </ul>
      <Button onPress={() => void saveNow()} isDisabled={!open || work !== null}>
        <Icon name="snapshot" />
        Save snapshot
        <KeyHint>Ctrl S</KeyHint>
      </Button>
      <RecordButton />
      <Button look="quiet" onPress={() => file.current?.click()} isDisabled={!open}>
        <Icon name="file" />
        Open a file
      </Button>
      <input
        ref={file}
        type="file"
        accept=".json,.ndjson,.gz"
        hidden
        aria-label="Snapshot or recording"
        onChange={(event) => {
          const chosen = event.target.files?.[0]
          if (chosen !== undefined) void openFile(chosen)
          event.target.value = ''
        }}
      />
    </section>
  )
}

function asideOf({ kind, takenAt, hostname, sameBoot, bytes, problem, id }: StoredItem): string {
  if (problem !== null) return visibleText(problem)
  const size = formatBytes(bytes).join(' ')
  const what = kind === 'recording' ? 'recording, ' : ''
  const from = `${what}${id.startsWith('opened/') ? 'opened file' : size}`
  const host = sameBoot ? '' : `, ${nameInText(hostname ?? 'another machine')}`
  return `${takenAt === null ? '' : `${formatTaken(takenAt)}, `}${from}${host}`
}

/** Starts a recording, or shows the state of the running one. */
function RecordButton() {
  const recording = useRecording()
  const { start, stop } = useSnapshotsStore().recording
  const open = useSession((session) => session.client !== null)
  const working = useSnapshots((state) => state.work !== null)
  if (recording?.running !== true) {
    return (
      <>
        <Button onPress={() => void start()} isDisabled={!open || working}>
          <Icon name="record" />
          Start recording
        </Button>
        {recording?.problem && (
          <p className={css.recording}>
            The recording ended: <CodedText text={recording.problem.cause} />.
          </p>
        )}
      </>
    )
  }
  const [size, most] = [recording.bytes, recording.maxBytes].map((bytes) => formatBytes(bytes).join(' '))
  return (
    <div className={css.recording} title={visibleText(recording.file)}>
      <p>
        <b>Recording</b>
        <span className={text.quiet}>
          since {formatClock(Date.parse(recording.startedAt))}, {countOf(recording.snapshots, 'snapshot')}
        </span>
        <span className={text.quiet}>
          {size} of max. {most}
        </span>
      </p>
      <Button look="stop" onPress={() => void stop()} isDisabled={!open || working}>
        <Icon name="stop" />
        Stop
      </Button>
    </div>
  )
}

function Entry({ side, name, aside, kept }: { side: ComparisonInput; name: string; aside: string; kept?: StoredItem }) {
  const before = useSnapshots((state) => state.before === side)
  const after = useSnapshots((state) => state.after === side)
  const { openItem, choose, remove } = useSnapshotsStore()
  const shown = visibleName(name)
  const recording = kept?.kind === 'recording'
  const broken = kept !== undefined && kept.problem !== null
  return (
    <li className={before || after ? css.on : undefined}>
      <span className={css.about} title={`${shown}\n${aside}`}>
        {kept === undefined ? (
          <b>{shown}</b>
        ) : (
          <button
            type="button"
            className={css.name}
            aria-label={`${recording ? 'Play' : 'Open'} ${shown}`}
            disabled={broken}
            onClick={() => openItem(kept)}
          >
            {recording && <Icon name="play" />}
            {shown}
          </button>
        )}
        <span className={clsx(text.quiet, css.aside)}>{aside}</span>
      </span>
      <span className={css.sides}>
        {!recording && (
          <>
            <Button
              look="quiet"
              className={clsx(css.side, css.letter, before && css.chosenA)}
              aria-pressed={before}
              aria-label={`Compare from ${shown}`}
              isDisabled={broken || side === 'now' || after}
              onPress={() => choose({ before: side })}
            >
              A
            </Button>
            <Button
              look="quiet"
              className={clsx(css.side, css.letter, after && css.chosenB)}
              aria-pressed={after}
              aria-label={`Compare with ${shown}`}
              isDisabled={broken || before}
              onPress={() => choose({ after: side })}
            >
              B
            </Button>
          </>
        )}
        {kept !== undefined && (
          <Button look="quiet" className={css.side} aria-label={`Remove ${shown}`} onPress={() => remove(kept)}>
            <Icon name="close" />
          </Button>
        )}
      </span>
    </li>
  )
}
