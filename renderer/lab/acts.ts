/** What a person does in the lab. What the engine refuses is kept beside what was asked for, until the next try. */
import { create } from 'zustand'
import type { Problem } from '../../electron/contract/errors.ts'
import type { Lab, LabChoices, MemberAct, Recipe, RecipeName } from '../../electron/contract/lab.ts'
import { goTo } from '../route.ts'
import { runningOf, useLab } from '../store/lab.ts'
import { problemOf } from '../store/problem.ts'
import { useSession } from '../store/session.ts'
import type { EngineClient } from '../transport/transport.ts'
import { asked, exchangeFor, useListenDraft, useTrafficDraft, wrongListen, wrongTraffic } from './draft.ts'
import { numberOf } from './worker-rows.ts'

/** Where a refusal is shown. */
export type Place = 'offers' | 'listen' | 'lab' | 'add' | 'traffic' | 'recipe'

type Acts = {
  problems: Readonly<Partial<Record<Place, Problem>>>
  /** What is being asked right now. */
  pending: ReadonlySet<Place>
  recipes: readonly Recipe[] | null
  choices: LabChoices | null
}

export const useActs = create<Acts>(() => ({ problems: {}, pending: new Set(), recipes: null, choices: null }))

/**
 * Asks each engine what it offers, once it has shown its groups, for which somebody waits: commands are named on every
 * screen. To be called once.
 */
export function startLab(): void {
  let asked: EngineClient | null = null
  useSession.subscribe(({ client, sampling }) => {
    if (client === null || client === asked || sampling === null) return
    asked = client
    void loadOffers(client, AbortSignal.timeout(OFFERS_MS))
  })
}

const OFFERS_MS = 60_000

/** Asks what there is to run, and what the form may offer. */
export function loadOffers(client: EngineClient, signal: AbortSignal): Promise<unknown> {
  return ask(
    'offers',
    'what the lab offers',
    async () => {
      const [recipes, choices] = await Promise.all([
        client.lab.recipes(undefined, { signal }),
        client.lab.choices(undefined, { signal }),
      ])
      useActs.setState({ recipes, choices })
    },
    signal,
  )
}

/** Opens the listeners of the form, and shows them. */
export async function listen(): Promise<void> {
  const draft = useListenDraft.getState()
  const wrong = wrongListen(draft)
  if (wrong !== null) return refuse('listen', wrong)
  const lab = await ask('listen', 'test listeners', (client) => client.lab.listen(asked(draft)))
  if (lab === undefined) return
  keep(lab)
  goTo({ screen: 'lab', page: { id: lab.id } })
}

/** Sends what the form says to a lab. */
export async function send({ id, request }: Pick<Lab, 'id' | 'request'>): Promise<void> {
  const draft = useTrafficDraft.getState()
  const wrong = wrongTraffic(draft)
  if (wrong !== null) return refuse('traffic', wrong)
  const exchange = exchangeFor(request, draft.exchange)
  const lab = await ask('traffic', 'traffic', (client) => client.lab.traffic({ ...draft, exchange, id }))
  if (lab !== undefined) keep(lab)
}

export async function stopTraffic(id: string): Promise<void> {
  const lab = await ask('traffic', 'to stop the traffic', (client) => client.lab.stopTraffic({ id }))
  if (lab !== undefined) keep(lab)
}

/** Stalls, resumes or closes one member. */
export async function actOnMember(act: MemberAct): Promise<void> {
  const lab = await ask('lab', `to ${act.act} member ${numberOf({ index: act.member })}`, (client) =>
    client.lab.member(act),
  )
  if (lab !== undefined) keep(lab)
}

export type Addition = { user: string | null; reuseport: boolean; reuseaddr: boolean }

/** One more listener. Resolves to whether there is one more. */
export async function addMember(id: string, addition: Addition): Promise<boolean> {
  const lab = await ask('add', 'one more listener', (client) => client.lab.add({ id, ...addition }))
  if (lab !== undefined) keep(lab)
  return lab !== undefined
}

/** Closes everything of one. */
export async function stopLab(id: string): Promise<void> {
  await ask('lab', 'to close the test listeners', (client) => client.lab.stop({ id }))
}

/** Begins a recipe, and shows it. */
export async function runRecipe(recipe: RecipeName, size: 'small' | 'full'): Promise<void> {
  goTo({ screen: 'lab', page: { recipe } })
  const run = await ask('recipe', `the recipe ${recipe}`, (client) => client.lab.run({ recipe, size }))
  if (run === undefined || runningOf(useLab.getState()) !== null) return
  useLab.setState(({ seen }) => ({ run, seen: { ...seen, [recipe]: run } }))
}

export async function stopRecipe(): Promise<void> {
  await ask('recipe', 'to stop the recipe', (client) => client.lab.stopRun())
}

/** Forgets a refusal that does not matter any more. */
export function forget(place: Place): void {
  useActs.setState(({ problems }) => {
    const { [place]: _, ...others } = problems
    return { problems: others }
  })
}

/** Takes the answer at once: the stream brings it a moment later. */
function keep(lab: Lab): void {
  useLab.setState(({ labs }) => ({
    labs: labs.some(({ id }) => id === lab.id) ? labs.map((one) => (one.id === lab.id ? lab : one)) : [...labs, lab],
  }))
}

function refuse(place: Place, { field, words }: { field: string; words: string }): void {
  const problem = { asked: place, happened: words.replace(/\.$/, ''), remedy: null, field }
  useActs.setState(({ problems }) => ({ problems: { ...problems, [place]: problem } }))
}

/** One question at a time for each place; undefined where it was refused, or is being asked already. */
async function ask<Answer>(
  place: Place,
  what: string,
  question: (client: EngineClient) => Promise<Answer>,
  signal?: AbortSignal,
): Promise<Answer | undefined> {
  const { client } = useSession.getState()
  if (client === null || useActs.getState().pending.has(place)) return undefined
  forget(place)
  useActs.setState(({ pending }) => ({ pending: new Set([...pending, place]) }))
  try {
    return await question(client)
  } catch (error) {
    const problem = problemOf(error, what)
    if (signal?.aborted !== true) useActs.setState(({ problems }) => ({ problems: { ...problems, [place]: problem } }))
    return undefined
  } finally {
    useActs.setState(({ pending }) => ({ pending: new Set([...pending].filter((one) => one !== place)) }))
  }
}
