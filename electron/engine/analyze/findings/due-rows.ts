/** Which groups of a frame are examined: those that changed, those that a rule watches, and those whose turn it is. */
import type { FrameView } from '../../collect/frame-view.ts'

/** Each slot examines 1/TURNS of all groups in turn: settings, owners and options change without a notification. */
const TURNS = 16
/** Maximum members of the groups in turn: with a hundred thousand, a sixteenth would block the thread for too long. */
export const MAX_MEMBERS_PER_TURN = 500
/** Up to this many groups are looked up by id; for more, one walk over all rows is cheaper. */
const MAX_ID_LOOKUPS = 32

/** Why a row is due: all rules, or only those about values, and those that are unsettled. 0: it is not due. */
export const DUE_VALUES = 1
export const DUE_STRUCTURE = 2

/** Rows from `from` up to, not including, `to`. */
export type Turn = { readonly from: number; readonly to: number }

type Frame = Pick<FrameView, 'refresh' | 'changed' | 'membersChanged' | 'socketCount' | 'rowOf'> & {
  readonly groups: { readonly count: number }
}

/** The rows in turn after those up to `after`. */
export function nextTurn(frame: Pick<Frame, 'groups' | 'socketCount'>, after: number): Turn {
  const { count } = frame.groups
  const from = after < count ? after : 0
  const end = Math.min(count, from + Math.ceil(count / TURNS))
  let to = from
  for (let members = 0; to < end && members < MAX_MEMBERS_PER_TURN; to++) members += frame.socketCount(to)
  return { from, to }
}

/** For each row whether it is due, and why. */
export function dueRows(
  frame: Frame,
  why: {
    turn: Turn
    /** Ids of groups about which something new is known. */
    updated: Iterable<string>
    /** Ids of groups that a rule watches. */
    watched: ReadonlySet<string>
    idOf: (row: number) => string
    neighbors: (row: number) => readonly number[]
  },
): Uint8Array {
  const due = new Uint8Array(frame.groups.count)
  for (let row = 0; row < due.length; row++) {
    const moved = frame.membersChanged(row) === frame.refresh
    if (moved || (row >= why.turn.from && row < why.turn.to)) due[row] = DUE_STRUCTURE
    else if (due[row] === 0 && frame.changed(row) === frame.refresh) due[row] = DUE_VALUES
    if (moved) for (const other of why.neighbors(row)) due[other] = DUE_STRUCTURE
  }
  for (const id of why.updated) {
    const row = frame.rowOf(id)
    if (row >= 0) due[row] = DUE_STRUCTURE
  }
  if (why.watched.size <= MAX_ID_LOOKUPS) {
    for (const id of why.watched) {
      const row = frame.rowOf(id)
      if (row >= 0 && due[row] === 0) due[row] = DUE_VALUES
    }
  } else {
    for (let row = 0; row < due.length; row++) {
      if (due[row] === 0 && why.watched.has(why.idOf(row))) due[row] = DUE_VALUES
    }
  }
  return due
}
