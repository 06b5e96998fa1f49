/** The palette's commands for snapshots and recordings. */
import type { SnapshotsStore } from '../../features/snapshots/store.ts'
import { goTo } from '../../model/route.ts'
import type { PageStore } from '../../model/store/store.ts'
import { nameInText } from '../../ui/visible-text.ts'
import type { Command } from './command.ts'

export function snapshotCommands({ session, source: shown }: PageStore, snapshots: SnapshotsStore): Command[] {
  const { source } = session.getState()
  const { recording } = snapshots.recording.state.getState()
  const items = (snapshots.state.getState().items ?? []).filter(({ problem }) => problem === null)
  const always: Command[] = [
    {
      id: 'save',
      often: true,
      name: 'Save snapshot',
      aside: 'Ctrl S',
      icon: 'snapshot',
      run: () => void snapshots.saveNow(),
    },
    recording?.running
      ? {
          id: 'record',
          often: true,
          name: 'Stop recording',
          aside: '',
          icon: 'stop',
          run: () => void snapshots.recording.stop(),
        }
      : {
          id: 'record',
          often: true,
          name: 'Start recording',
          aside: '',
          icon: 'record',
          run: () => void snapshots.recording.start(),
        },
    {
      id: 'snapshots',
      often: true,
      name: 'Show snapshots',
      aside: 'G S',
      icon: 'snapshot',
      run: () => goTo({ screen: 'snapshots' }),
    },
  ]
  const live: Command[] =
    source === null
      ? []
      : [{ id: 'live', often: true, name: 'Back to live', aside: '', icon: 'back', run: shown.showLive }]
  return [
    ...always,
    ...live,
    ...items.map((item) => ({
      id: `open ${item.id}`,
      name: `${item.kind === 'recording' ? 'Play' : 'Open'} “${nameInText(item.name)}”`,
      aside: '',
      icon: item.kind === 'recording' ? ('play' as const) : ('file' as const),
      run: () => snapshots.openItem(item),
    })),
    ...items
      .filter(({ kind }) => kind === 'snapshot')
      .map(({ id, name }) => ({
        id: `compare ${id}`,
        name: `Compare “${nameInText(name)}” with now`,
        aside: '',
        icon: 'snapshot' as const,
        run: () => {
          snapshots.choose({ before: id, after: 'now' })
          goTo({ screen: 'snapshots' })
        },
      })),
  ]
}
