/** What is tried on a kernel as one user, one part after another: they share a network namespace and an engine. */
import './grouping.ts'
import './steering.ts'
import './queues.ts'
import './fronts.ts'
import './lacks.ts'
// The last: a module does not go away again.
import './ipvs.ts'
