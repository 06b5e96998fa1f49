/**
 * The visible groups in sort order. It follows the table incrementally: a row whose sort value did not change is not
 * moved or compared again.
 */
import type { Test } from '../../../electron/contract/filter/filter.ts'
import type { Column } from './columns.ts'
import { compareDefault } from './default-sort.ts'
import type { GroupEntry, GroupTable } from './group-table.ts'

export type Sort = { column: Column; descending: boolean }

type Value = number | string

export class GroupView {
  readonly #table: GroupTable
  readonly #namespaceName: (inode: number) => string
  readonly #takenAt: () => number
  #test: Test = () => true
  #sort: Sort
  #order: GroupEntry[] = []
  /** The sort value of each visible entry. */
  readonly #values = new Map<GroupEntry, Value>()
  readonly #listeners = new Set<() => void>()

  /** `takenAt`: when the table's values were read, in milliseconds since the epoch. */
  constructor(table: GroupTable, sort: Sort, namespaceName: (inode: number) => string, takenAt = Date.now) {
    this.#table = table
    this.#sort = sort
    this.#namespaceName = namespaceName
    this.#takenAt = takenAt
    table.subscribeAll((touched) => this.#update(touched))
    this.#rebuild()
  }

  /** The visible entries. A new array whenever the order changes, otherwise the same one. */
  get order(): readonly GroupEntry[] {
    return this.#order
  }

  setTest(test: Test): void {
    this.#test = test
    this.#rebuild()
  }

  setSort(sort: Sort): void {
    this.#sort = sort
    this.#rebuild()
  }

  /** Call after names or times that the test reads have changed. */
  refilter(): void {
    this.#rebuild()
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #matches(entry: GroupEntry): boolean {
    const { row, trouble, findings } = entry
    return this.#test({ row, trouble, findings, namespace: this.#namespaceName(row.netns), takenAt: this.#takenAt() })
  }

  #valueOf(entry: GroupEntry): Value {
    return this.#sort.column.sortBy?.(entry, this.#namespaceName) ?? 0
  }

  #rebuild(): void {
    this.#values.clear()
    for (const entry of this.#table.entries()) {
      if (this.#matches(entry)) this.#values.set(entry, this.#valueOf(entry))
    }
    this.#order = [...this.#values.keys()].sort(this.#compare)
    this.#notify()
  }

  #update(touched: ReadonlySet<GroupEntry>): void {
    const moved: GroupEntry[] = []
    const out = new Set<GroupEntry>()
    for (const entry of touched) {
      const before = this.#values.get(entry)
      // A removed row keeps its place until its mark ends.
      if (entry.presence === 'gone' && before !== undefined && this.#table.get(entry.id) === entry) continue
      const shown = this.#table.get(entry.id) === entry && this.#matches(entry)
      const value = shown ? this.#valueOf(entry) : undefined
      if (value === before) continue
      if (before !== undefined) out.add(entry)
      if (value === undefined) this.#values.delete(entry)
      else {
        this.#values.set(entry, value)
        moved.push(entry)
      }
    }
    if (moved.length === 0 && out.size === 0) return
    this.#order = merge(without(this.#order, out), moved.sort(this.#compare), this.#compare)
    this.#notify()
  }

  readonly #compare = (a: GroupEntry, b: GroupEntry): number => {
    const inA = this.#values.get(a) ?? 0
    const inB = this.#values.get(b) ?? 0
    const by = inA < inB ? -1 : inA > inB ? 1 : 0
    return (this.#sort.descending ? -by : by) || compareDefault(a.row, b.row)
  }

  #notify(): void {
    for (const listener of this.#listeners) listener()
  }
}

/** Above this many, one pass over all is faster than finding each. */
const FEW = 64

/** `all` without `out`, of which all are in it. */
function without<T>(all: readonly T[], out: ReadonlySet<T>): readonly T[] {
  if (out.size === 0) return all
  if (out.size > FEW) return all.filter((one) => !out.has(one))
  const places = [...out].map((one) => all.indexOf(one)).sort((a, b) => a - b)
  return ([] as T[]).concat(
    ...places.map((place, i) => all.slice((places[i - 1] ?? -1) + 1, place)),
    all.slice((places.at(-1) ?? -1) + 1),
  )
}

/** Merges two sorted lists, placing the few into the many by bisection. */
function merge<T>(many: readonly T[], few: readonly T[], compare: (a: T, b: T) => number): T[] {
  const parts: T[][] = []
  let taken = 0
  for (const one of few) {
    let low = taken
    let high = many.length
    while (low < high) {
      const middle = (low + high) >> 1
      const at = many[middle]
      if (at !== undefined && compare(at, one) <= 0) low = middle + 1
      else high = middle
    }
    parts.push(many.slice(taken, low), [one])
    taken = low
  }
  parts.push(many.slice(taken))
  return parts.length > 4 * FEW ? parts.flat() : ([] as T[]).concat(...parts)
}
