/** What stands in the router of an engine that only reads in place of the lab and of stored files: it has neither. */
import { type AnyContractProcedure, isContractProcedure } from '@orpc/contract'
import { implement, ORPCError, type Router } from '@orpc/server'
import { type Contract, contract } from '../../contract/contract.ts'
import type { Problem } from '../../contract/errors.ts'
import { EngineError } from '../common/errors.ts'
import type { EngineContext } from './engine-context.ts'
import type { SnapshotHandlers } from './snapshots-router.ts'

const NO_LAB: Problem = {
  operation: 'using the lab',
  cause: "an engine with root's permissions only reads",
  hint: 'Show this machine as yourself: the lab is there.',
}
const NO_FILES: Problem = {
  operation: 'using stored snapshots',
  cause: "an engine with root's permissions opens and stores no files",
  hint: 'Snapshots are stored by the program that shows it.',
}

/** Every procedure of the lab: FORBIDDEN. */
export function noLab(): Router<Contract['lab'], EngineContext> {
  return refusing(contract.lab, NO_LAB) as Router<Contract['lab'], EngineContext>
}

/** Every procedure and stream of stored snapshots: FORBIDDEN. */
export function noSnapshots(): Pick<SnapshotHandlers, 'streams'> & {
  procedures: Router<Contract['snapshots'], EngineContext>
} {
  const stream = async () => refuse(NO_FILES)
  return {
    procedures: refusing(contract.snapshots, NO_FILES) as Router<Contract['snapshots'], EngineContext>,
    streams: { groups: stream, group: stream, findings: stream },
  }
}

function refusing(procedures: object, problem: Problem): object {
  const entries = Object.entries(procedures).filter((entry): entry is [string, AnyContractProcedure] =>
    isContractProcedure(entry[1]),
  )
  return Object.fromEntries(
    entries.map(([name, procedure]) => [name, implement(procedure).handler(() => refuse(problem))]),
  )
}

function refuse(problem: Problem): never {
  const { code, message } = new EngineError('FORBIDDEN', problem)
  throw new ORPCError(code, { message, data: problem })
}
