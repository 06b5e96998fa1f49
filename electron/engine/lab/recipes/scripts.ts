/** All recipes, in the order in which they are shown. */

import { acceptModels } from './accept-models.ts'
import { listenersChange } from './listeners-change.ts'
import { noHijacking } from './no-hijacking.ts'
import { outOfRotation } from './out-of-rotation.ts'
import { programSteers } from './program-steers.ts'
import type { RecipeScript } from './recipe.ts'
import { reuseaddrIsNotReuseport } from './reuseaddr.ts'
import { slowWorker } from './slow-worker.ts'
import { steering } from './steering.ts'
import { udpDns } from './udp-dns.ts'

export const scripts: readonly RecipeScript[] = [
  acceptModels,
  udpDns,
  listenersChange,
  slowWorker,
  noHijacking,
  reuseaddrIsNotReuseport,
  steering,
  outOfRotation,
  programSteers,
]
