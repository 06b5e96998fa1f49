/** Every measurement by its name. Those for an ordinary machine come before those with the crowd of sockets. */
import { blocking } from './blocking.mjs'
import { bpf, counting, largeGroup } from './bpf.mjs'
import { crowd, idle, leaks } from './engine.mjs'
import { findings } from './findings.mjs'
import { lookup } from './kernel-lookup.mjs'
import { lab } from './lab.mjs'
import { owners } from './owners.mjs'
import { page } from './page.mjs'
import { refresh } from './refresh.mjs'
import { snapshots } from './snapshots.mjs'
import { terminal } from './terminal.mjs'

export const measurements = {
  terminal,
  idle,
  leaks,
  blocking,
  lab,
  counting,
  largeGroup,
  page,
  findings,
  refresh,
  bpf,
  crowd,
  owners,
  lookup,
  snapshots,
}
