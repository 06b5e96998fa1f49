/** User actions in the lab. An error from the engine is kept with its place on screen until the next attempt. */
import { create } from 'zustand'
import type { Problem } from '../../../electron/contract/errors.ts'
import type { Lab, LabChoices, MemberAction, Recipe, RecipeName } from '../../../electron/contract/lab.ts'
import { goTo } from '../../model/route.ts'
import { runningOf, useLab } from '../../model/store/lab.ts'
import { problemOf } from '../../model/store/problem.ts'
import { useSession } from '../../model/store/session.ts'
import type { EngineClient } from '../../model/transport/transport.ts'
import { exchangeFor, toRequest, useListenDraft, useTrafficDraft, validateListen, validateTraffic } from './draft.ts'
import { numberOf } from './worker-rows.ts'

/** Where an error is shown. */
export type Place = 'offers' | 'listen' | 'lab' | 'add' | 'traffic' | 'recipe'

type Acts = {
  problems: Readonly<Partial<Record<Place, Problem>>>
  /** Requests in progress. */
  pending: ReadonlySet<Place>
  recipes: readonly Recipe[] | null
  choices: LabChoices | null
}

export const useLabActions = create<Acts>(() => ({ problems: {}, pending: new Set(), recipes: null, choices: null }))

/**
 * Loads the recipes and choices of each engine after its groups are shown, because the palette lists them on every
 * screen. Call once.
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

/** Loads the recipes, and the choices for the form. */
export function loadOffers(client: EngineClient, signal: AbortSignal): Promise<unknown> {
  return ask(
    'offers',
    'list the recipes',
    async () => {
      const [recipes, choices] = await Promise.all([
        client.lab.recipes(undefined, { signal }),
        client.lab.choices(undefined, { signal }),
      ])
      useLabActions.setState({ recipes, choices })
    },
    signal,
  )
}

/** Opens the listeners that the form describes, and shows them. */
export async function listen(): Promise<void> {
  const draft = useListenDraft.getState()
  const wrong = validateListen(draft)
  if (wrong !== null) return setError('listen', wrong)
  const lab = await ask('listen', 'open test listeners', (client) => client.lab.listen(toRequest(draft)))
  if (lab === undefined) return
  store(lab)
  goTo({ screen: 'lab', page: { id: lab.id } })
}

/** Sends the traffic that the form describes to a lab. */
export async function send({ id, request }: Pick<Lab, 'id' | 'request'>): Promise<void> {
  const draft = useTrafficDraft.getState()
  const wrong = validateTraffic(draft)
  if (wrong !== null) return setError('traffic', wrong)
  const exchange = exchangeFor(request, draft.exchange)
  const lab = await ask('traffic', 'send traffic', (client) => client.lab.traffic({ ...draft, exchange, id }))
  if (lab !== undefined) store(lab)
}

export async function stopTraffic(id: string): Promise<void> {
  const lab = await ask('traffic', 'stop the traffic', (client) => client.lab.stopTraffic({ id }))
  if (lab !== undefined) store(lab)
}

/** Stalls, resumes or closes one member. */
export async function actOnMember(act: MemberAction): Promise<void> {
  const lab = await ask('lab', `${act.action} member ${numberOf({ index: act.member })}`, (client) =>
    client.lab.member(act),
  )
  if (lab !== undefined) store(lab)
}

export type Addition = { user: string | null; reuseport: boolean; reuseaddr: boolean }

/** Adds a listener. Resolves to whether it was added. */
export async function addMember(id: string, addition: Addition): Promise<boolean> {
  const lab = await ask('add', 'add a listener', (client) => client.lab.add({ id, ...addition }))
  if (lab !== undefined) store(lab)
  return lab !== undefined
}

/** Closes all listeners of a lab. */
export async function stopLab(id: string): Promise<void> {
  await ask('lab', 'close the test listeners', (client) => client.lab.stop({ id }))
}

/** Starts a recipe, and shows it. */
export async function runRecipe(recipe: RecipeName, size: 'small' | 'full'): Promise<void> {
  goTo({ screen: 'lab', page: { recipe } })
  const run = await ask('recipe', `run the recipe ${recipe}`, (client) => client.lab.run({ recipe, size }))
  if (run === undefined || runningOf(useLab.getState()) !== null) return
  useLab.setState(({ seen }) => ({ run, seen: { ...seen, [recipe]: run } }))
}

export async function stopRecipe(): Promise<void> {
  await ask('recipe', 'stop the recipe', (client) => client.lab.stopRun())
}

/** Clears an error that no longer applies. */
export function clearError(place: Place): void {
  useLabActions.setState(({ problems }) => {
    const { [place]: _, ...others } = problems
    return { problems: others }
  })
}

/** Applies the answer immediately: the stream delivers it a moment later. */
function store(lab: Lab): void {
  useLab.setState(({ labs }) => ({
    labs: labs.some(({ id }) => id === lab.id) ? labs.map((one) => (one.id === lab.id ? lab : one)) : [...labs, lab],
  }))
}

function setError(place: Place, { field, words }: { field: string; words: string }): void {
  const problem = { operation: place, cause: words.replace(/\.$/, ''), hint: null, field }
  useLabActions.setState(({ problems }) => ({ problems: { ...problems, [place]: problem } }))
}

/** One request at a time per place; undefined if it failed, or if one is already in progress. */
async function ask<Answer>(
  place: Place,
  what: string,
  question: (client: EngineClient) => Promise<Answer>,
  signal?: AbortSignal,
): Promise<Answer | undefined> {
  const { client } = useSession.getState()
  if (client === null || useLabActions.getState().pending.has(place)) return undefined
  clearError(place)
  useLabActions.setState(({ pending }) => ({ pending: new Set([...pending, place]) }))
  try {
    return await question(client)
  } catch (error) {
    const problem = problemOf(error, what)
    if (signal?.aborted !== true)
      useLabActions.setState(({ problems }) => ({ problems: { ...problems, [place]: problem } }))
    return undefined
  } finally {
    useLabActions.setState(({ pending }) => ({ pending: new Set([...pending].filter((one) => one !== place)) }))
  }
}
