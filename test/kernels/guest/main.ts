/** Everything that is tried on a kernel, one part after another: they share a machine. */
import { before } from 'node:test'
import { loadModules } from './modules.ts'
import './grouping.ts'
import './steering.ts'
import './queues.ts'
import './fronts.ts'
import './lacks.ts'

before(() => loadModules())
