/** The steps for a finding that is raised, with what its workers are doing now. */
import { isFindingCode } from '../../../contract/finding-types.ts'
import type { FindingSteps, Worker } from '../../../contract/steps.ts'
import type { FrameView } from '../../collect/frame-view.ts'
import { EngineError } from '../../common/errors.ts'
import type { EngineCore } from '../../engine-core.ts'
import { servingPids } from '../serving.ts'
import { stepsFor } from './steps.ts'
import { workerState } from './worker-state.ts'

/** Processes that are described; more do the same. */
const MAX_WORKERS = 8

/** Throws an EngineError where no such finding is raised. */
export function findingSteps(core: EngineCore, id: string): Omit<FindingSteps, 'incident'> {
  const { collector, findings } = core
  const raised = findings.log.raised.get(id)?.row
  const code = raised?.code
  const { frame } = collector
  const row = raised === undefined || frame === null ? -1 : frame.rowOf(raised.group)
  if (raised === undefined || code === undefined || !isFindingCode(code) || frame === null || row < 0) {
    throw new EngineError('NOT_FOUND', {
      operation: `finding the steps for ${id}`,
      cause: 'the finding is not raised',
      hint: 'It may have cleared.',
    })
  }
  const affected = affectedSockets(frame, row, new Set(raised.members))
  const pids = new Set(affected.flatMap((socket) => [...servingPids(collector, frame, socket)]))
  const workers = describeWorkers(core, [...pids].slice(0, MAX_WORKERS))
  const limits = new Set(affected.map((socket) => frame.queueLimit(socket)))
  const [limit] = limits
  const steps = stepsFor(code, {
    key: raised.key,
    workers,
    waiting: affected.reduce((sum, socket) => sum + frame.queueLength(socket), 0),
    limit: limits.size === 1 ? (limit ?? null) : null,
    somaxconn: findings.factsOf(raised.key.netns).somaxconn,
  })
  return { steps, workers }
}

/** The members that the finding lists; all that receive where it lists none that is still there. */
function affectedSockets(frame: FrameView, row: number, members: ReadonlySet<string>): number[] {
  const first = frame.firstSocket(row)
  const all = Array.from({ length: frame.socketCount(row) }, (_, at) => first + at).filter((socket) =>
    frame.socketReceives(socket),
  )
  const listed = all.filter((socket) => members.has(frame.memberId(socket)))
  return listed.length > 0 ? listed : all
}

function describeWorkers(core: Pick<EngineCore, 'processes'>, pids: readonly number[]): Worker[] {
  return core.processes(pids).map(({ pid, command, unit }) => ({ pid, command, unit, ...workerState(pid) }))
}
