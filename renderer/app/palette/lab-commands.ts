/** The palette's commands for the lab. */
import { LAB_COMMAND } from '../../../electron/contract/constants.ts'
import { endpointText } from '../../../electron/contract/format.ts'
import type { LabActions } from '../../features/lab/actions.ts'
import { goTo } from '../../model/route.ts'
import { runningOf } from '../../model/store/lab.ts'
import type { PageStore } from '../../model/store/store.ts'
import { visibleText } from '../../ui/visible-text.ts'
import type { Command } from './command.ts'

/** All lab commands that are currently available. */
export function labCommands({ session, view, lab }: PageStore, actions: LabActions): Command[] {
  const { client } = session.getState()
  const state = lab.state.getState()
  const running = runningOf(state)
  const always: Command[] = [
    { id: 'lab', often: true, name: 'Show the lab', aside: '', icon: 'lab', run: () => goTo({ screen: 'lab' }) },
    {
      id: 'lab new',
      name: 'New test listeners',
      aside: '',
      icon: 'add',
      run: () => goTo({ screen: 'lab', page: 'new' }),
    },
    {
      id: 'lab groups',
      name: 'Show lab groups',
      aside: `owner:${LAB_COMMAND}`,
      icon: 'search',
      run: () => {
        view.setFilter(`owner:${LAB_COMMAND} `)
        goTo({ screen: 'groups' })
      },
    },
  ]
  if (client === null) return always
  const recipes =
    running === null
      ? (actions.state.getState().recipes ?? []).map(({ name, title, subtitle }) => ({
          id: `recipe ${name}`,
          name: `Run “${title}”`,
          aside: subtitle,
          icon: 'play' as const,
          run: () => void actions.runRecipe(name, 'full'),
        }))
      : [
          {
            id: 'stop recipe',
            name: 'Stop the recipe',
            aside: '',
            icon: 'stop' as const,
            run: () => void actions.stopRecipe(),
          },
        ]
  const labs = state.labs.flatMap(({ id, address, port, traffic }) => {
    const endpoint = visibleText(endpointText(address, port))
    return [
      {
        id: `show lab ${id}`,
        name: `Show the test listeners on ${endpoint}`,
        aside: '',
        icon: 'lab' as const,
        run: () => goTo({ screen: 'lab', page: { id } }),
      },
      ...(traffic?.endedAt === null
        ? [
            {
              id: `stop traffic ${id}`,
              name: `Stop the traffic to ${endpoint}`,
              aside: '',
              icon: 'stop' as const,
              run: () => void actions.stopTraffic(id),
            },
          ]
        : []),
      {
        id: `stop lab ${id}`,
        name: `Close the test listeners on ${endpoint}`,
        aside: '',
        icon: 'stop' as const,
        run: () => void actions.stopLab(id),
      },
    ]
  })
  return [...always, ...recipes, ...labs]
}
