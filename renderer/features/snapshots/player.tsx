/** The timeline of the open recording: play, seek, and see its events. */
import { Slider, SliderThumb, SliderTrack, ToggleButton } from 'react-aria-components'
import type { Timeline, TimelineEvent, TimelineEventKind } from '../../../electron/contract/snapshots.ts'
import { hrefOf } from '../../model/route.ts'
import { CodedText } from '../../ui/coded-text.tsx'
import { ChoiceMenu } from '../../ui/floating-menu.tsx'
import { countOf, formatClock, formatCount } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { Sign, type SignName } from '../../ui/sign.tsx'
import text from '../../ui/text.module.css'
import { visibleText } from '../../ui/visible-text.ts'
import { Button, buttonClass } from '../../ui/widgets.tsx'
import { eventsAt, SPEEDS } from './playback.ts'
import css from './player.module.css'
import { usePlayback, useSnapshotsStore } from './store.ts'

const SIGNS: Record<TimelineEventKind, SignName> = {
  full: 'critical',
  drops: 'critical',
  left: 'gone',
  removed: 'gone',
  joined: 'new',
  added: 'new',
}
/** Number of distinguishable tick positions. */
const PLACES = 400

export function Player() {
  const timeline = usePlayback((playback) => playback.timeline)
  const problem = usePlayback((playback) => playback.problem)
  const { seekEvent } = useSnapshotsStore().playback
  if (problem !== null)
    return (
      <p className={css.player}>
        <CodedText text={problem.cause} />
      </p>
    )
  if (timeline === null) return <p className={css.player}>Reading the timeline …</p>
  return (
    <section className={css.player} aria-label="Timeline">
      <PlayButton />
      <SpeedChooser />
      <Button look="quiet" aria-label="Previous event" onPress={() => seekEvent('before')}>
        <Icon name="back" />
      </Button>
      <Button look="quiet" aria-label="Next event" onPress={() => seekEvent('after')}>
        <Icon name="right" />
      </Button>
      <Line timeline={timeline} />
      <CurrentEvent timeline={timeline} />
    </section>
  )
}

function PlayButton() {
  const playing = usePlayback((playback) => playback.playing)
  const { togglePlaying } = useSnapshotsStore().playback
  return (
    <ToggleButton className={buttonClass()} isSelected={playing} onChange={togglePlaying} aria-label="Play">
      <Icon name={playing ? 'pause' : 'play'} />
    </ToggleButton>
  )
}

function SpeedChooser() {
  const speed = usePlayback((playback) => playback.speed)
  const { state } = useSnapshotsStore().playback
  return (
    <ChoiceMenu
      label="Speed"
      className={css.speed}
      placement="bottom start"
      chosen={speed}
      choices={SPEEDS.map((value) => ({ value, text: value === 1 ? 'Original speed' : `${value}× speed` }))}
      choose={(speed) => state.setState({ speed })}
    >
      <span>{speed}×</span>
    </ChoiceMenu>
  )
}

function Line({ timeline }: { timeline: Timeline }) {
  const at = usePlayback((playback) => playback.at)
  const { seek } = useSnapshotsStore().playback
  const last = timeline.takenAt.length - 1
  const clock = formatClock(Date.parse(timeline.takenAt[at] ?? ''))
  const words = `${clock}, snapshot ${formatCount(at + 1)} of ${formatCount(last + 1)}`
  return (
    <>
      <Slider
        className={css.line}
        aria-label="Snapshot"
        minValue={0}
        maxValue={Math.max(last, 1)}
        isDisabled={last === 0}
        value={at}
        onChange={(value) => seek(Number(value))}
      >
        <SliderTrack className={css.track}>
          <span className={css.rail} aria-hidden="true" />
          {ticksOf(timeline).map(({ event, words }) => (
            <i
              key={`${event.kind} ${event.snapshot}`}
              className={css.tick}
              data-sign={SIGNS[event.kind]}
              style={{ left: `${(100 * event.snapshot) / Math.max(last, 1)}%` }}
              title={words}
            />
          ))}
          <SliderThumb className={css.thumb} aria-valuetext={words} />
        </SliderTrack>
      </Slider>
      <span className={css.where}>
        <b>{clock}</b>
        <span className={text.quiet}>
          {formatCount(at + 1)} of {formatCount(last + 1)}
        </span>
      </span>
    </>
  )
}

/** One tick per sign and position; further events there are in its tooltip. */
function ticksOf({ events, takenAt }: Timeline): { event: TimelineEvent; words: string }[] {
  const ticks = new Map<string, { event: TimelineEvent; words: string }>()
  for (const event of events) {
    const place = `${SIGNS[event.kind]} ${Math.floor((event.snapshot * PLACES) / takenAt.length)}`
    const words = `${formatClock(Date.parse(takenAt[event.snapshot] ?? ''))} ${visibleText(event.summary)}`
    const known = ticks.get(place)
    if (known === undefined) ticks.set(place, { event, words })
    else if (known.words.length < 400) known.words += `\n${words}`
  }
  return [...ticks.values()]
}

function CurrentEvent({ timeline }: { timeline: Timeline }) {
  const events = eventsAt(usePlayback((playback) => playback))
  const [first, ...others] = events
  return (
    <p className={css.happened} role="status">
      {first === undefined ? (
        <span className={text.quiet}>{summaryOf(timeline)}</span>
      ) : (
        <>
          <Sign name={SIGNS[first.kind]} label="" />
          <a href={hrefOf({ screen: 'group', id: first.group })}>{visibleText(first.summary)}</a>
          {others.length > 0 && (
            <span className={text.quiet} title={others.map(({ summary }) => visibleText(summary)).join('\n')}>
              and {countOf(others.length, 'more change')} in this snapshot
            </span>
          )}
        </>
      )}
      {timeline.problem !== null && (
        <span className={css.cutOff}>
          <Sign name="warning" label="warning" />
          {visibleText(timeline.problem.cause)}
        </span>
      )}
    </p>
  )
}

/** "2 queue-full events, 1 drop episode, members left 3 times." */
function summaryOf({ events, omitted }: Timeline): string {
  const count = (kinds: readonly TimelineEventKind[]) => events.filter(({ kind }) => kinds.includes(kind)).length
  const often = (times: number) => (times === 1 ? 'once' : countOf(times, 'time'))
  const [filled, dropped] = [count(['full']), count(['drops'])]
  const [left, joined] = [count(['left', 'removed']), count(['joined', 'added'])]
  const parts = [
    filled > 0 && countOf(filled, 'queue-full event'),
    dropped > 0 && countOf(dropped, 'drop episode'),
    left > 0 && `members left ${often(left)}`,
    joined > 0 && `members joined ${often(joined)}`,
    omitted > 0 && countOf(omitted, 'more change'),
  ].filter((part) => part !== false)
  if (parts.length === 0) return 'Only numbers changed: no queue filled, and no members joined or left.'
  const summary = parts.join(', ')
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`
}
