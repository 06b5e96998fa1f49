/** User actions in the lab. An error from the engine is kept with its place on screen until the next attempt. */
import { createStore, type StoreApi } from 'zustand'
import type { Problem } from '../../../electron/contract/errors.ts'
import type { Lab, LabChoices, MemberAction, Recipe, RecipeName } from '../../../electron/contract/lab.ts'
import { goTo } from '../../model/route.ts'
import { runningOf } from '../../model/store/lab.ts'
import { problemOf } from '../../model/store/problem.ts'
import type { PageStore } from '../../model/store/store.ts'
import type { EngineClient } from '../../model/transport/transport.ts'
import { type Drafts, exchangeFor, toRequest } from './draft.ts'
import type { InvalidField } from './draft-validation.ts'
import { numberOf } from './worker-rows.ts'

/** Where an error is shown. */
export type Place = 'offers' | 'listen' | 'lab' | 'add' | 'traffic' | 'recipe'

export type RequestsState = {
  problems: Readonly<Partial<Record<Place, Problem>>>
  /** Requests in progress. */
  pending: ReadonlySet<Place>
  recipes: readonly Recipe[] | null
  choices: LabChoices | null
}

export type Addition = { user: string | null; reuseport: boolean; reuseaddr: boolean }

export type LabActions = {
  readonly state: StoreApi<RequestsState>
  /** Loads the recipes, and the choices for the form. */
  readonly loadOffers: (client: EngineClient, signal: AbortSignal) => Promise<unknown>
  /** Opens the listeners that the form describes, and shows them. */
  readonly listen: () => Promise<void>
  /** Sends the traffic that the form describes to a lab. */
  readonly send: (lab: Pick<Lab, 'id' | 'request'>) => Promise<void>
  readonly stopTraffic: (id: string) => Promise<void>
  /** Stalls, resumes or closes one member. */
  readonly actOnMember: (act: MemberAction) => Promise<void>
  /** Adds a listener. Resolves to whether it was added. */
  readonly addMember: (id: string, addition: Addition) => Promise<boolean>
  /** Closes all listeners of a lab. */
  readonly stopLab: (id: string) => Promise<void>
  /** Starts a recipe, and shows it. */
  readonly runRecipe: (recipe: RecipeName, size: 'small' | 'full') => Promise<void>
  readonly stopRecipe: () => Promise<void>
  /** Clears an error that no longer applies. */
  readonly clearError: (place: Place) => void
}

const OFFERS_MS = 60_000

/**
 * Loads the recipes and choices of each engine after its groups are shown, because the palette lists them on every
 * screen.
 */
export function createLabActions({ session, lab }: Pick<PageStore, 'session' | 'lab'>, drafts: Drafts): LabActions {
  const state = createStore<RequestsState>(() => ({ problems: {}, pending: new Set(), recipes: null, choices: null }))

  const setProblem = (place: Place, problem: Problem) =>
    state.setState(({ problems }) => ({ problems: { ...problems, [place]: problem } }))

  const clearError = (place: Place) =>
    state.setState(({ problems }) => {
      const { [place]: _, ...others } = problems
      return { problems: others }
    })

  const setInvalid = (place: Place, { field, words }: InvalidField) =>
    setProblem(place, { operation: place, cause: words.replace(/\.$/, ''), hint: null, field })

  /** One request at a time per place; undefined if it failed, or if one is already in progress. */
  const ask = async <Answer>(
    place: Place,
    what: string,
    question: (client: EngineClient) => Promise<Answer>,
    signal?: AbortSignal,
  ): Promise<Answer | undefined> => {
    const { client } = session.getState()
    if (client === null || state.getState().pending.has(place)) return undefined
    clearError(place)
    state.setState(({ pending }) => ({ pending: new Set([...pending, place]) }))
    try {
      return await question(client)
    } catch (error) {
      if (signal?.aborted !== true) setProblem(place, problemOf(error, what))
      return undefined
    } finally {
      state.setState(({ pending }) => ({ pending: new Set([...pending].filter((one) => one !== place)) }))
    }
  }

  /** Applies the answer immediately: the stream delivers it a moment later. */
  const store = (answer: Lab) =>
    lab.state.setState(({ labs }) => ({
      labs: labs.some(({ id }) => id === answer.id)
        ? labs.map((one) => (one.id === answer.id ? answer : one))
        : [...labs, answer],
    }))

  const loadOffers = (client: EngineClient, signal: AbortSignal) =>
    ask(
      'offers',
      'list the recipes',
      async () => {
        const [recipes, choices] = await Promise.all([
          client.lab.recipes(undefined, { signal }),
          client.lab.choices(undefined, { signal }),
        ])
        state.setState({ recipes, choices })
      },
      signal,
    )

  let asked: EngineClient | null = null
  session.subscribe(({ client, sampling }) => {
    if (client === null || client === asked || sampling === null) return
    asked = client
    void loadOffers(client, AbortSignal.timeout(OFFERS_MS))
  })

  return {
    state,
    clearError,
    loadOffers,
    async listen() {
      const draft = drafts.listen.getState()
      const { validateListen } = await import('./draft-validation.ts')
      const wrong = validateListen(draft)
      if (wrong !== null) return setInvalid('listen', wrong)
      const opened = await ask('listen', 'open test listeners', (client) => client.lab.listen(toRequest(draft)))
      if (opened === undefined) return
      store(opened)
      goTo({ screen: 'lab', page: { id: opened.id } })
    },
    async send({ id, request }) {
      const draft = drafts.traffic.getState()
      const { validateTraffic } = await import('./draft-validation.ts')
      const wrong = validateTraffic(draft)
      if (wrong !== null) return setInvalid('traffic', wrong)
      const exchange = exchangeFor(request, draft.exchange)
      const answer = await ask('traffic', 'send traffic', (client) => client.lab.traffic({ ...draft, exchange, id }))
      if (answer !== undefined) store(answer)
    },
    async stopTraffic(id) {
      const answer = await ask('traffic', 'stop the traffic', (client) => client.lab.stopTraffic({ id }))
      if (answer !== undefined) store(answer)
    },
    async actOnMember(act) {
      const answer = await ask('lab', `${act.action} member ${numberOf({ index: act.member })}`, (client) =>
        client.lab.member(act),
      )
      if (answer !== undefined) store(answer)
    },
    async addMember(id, addition) {
      const answer = await ask('add', 'add a listener', (client) => client.lab.add({ id, ...addition }))
      if (answer !== undefined) store(answer)
      return answer !== undefined
    },
    async stopLab(id) {
      await ask('lab', 'close the test listeners', (client) => client.lab.stop({ id }))
    },
    async runRecipe(recipe, size) {
      goTo({ screen: 'lab', page: { recipe } })
      const run = await ask('recipe', `run the recipe ${recipe}`, (client) => client.lab.run({ recipe, size }))
      if (run === undefined || runningOf(lab.state.getState()) !== null) return
      lab.state.setState(({ seen }) => ({ run, seen: { ...seen, [recipe]: run } }))
    },
    async stopRecipe() {
      await ask('recipe', 'stop the recipe', (client) => client.lab.stopRun())
    },
  }
}
