/** All recipes, in the order in which they are shown. */
import { listenersChange } from './listeners-change.ts'
import { noHijacking } from './no-hijacking.ts'
import type { RecipeScript } from './recipe.ts'
import { reuseaddrIsNotReuseport } from './reuseaddr.ts'
import { slowWorker } from './slow-worker.ts'
import { steering } from './steering.ts'
import { threeWays } from './three-ways.ts'
import { udpDns } from './udp-dns.ts'

export const scripts: readonly RecipeScript[] = [
  threeWays,
  udpDns,
  listenersChange,
  slowWorker,
  noHijacking,
  reuseaddrIsNotReuseport,
  steering,
]
