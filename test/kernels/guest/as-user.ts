/** The tests on a kernel as one user, one part after another: they share a network namespace and an engine. */
import './grouping.ts'
import './steering.ts'
import './queues.ts'
import './fronts.ts'
import './bpf.ts'
import './missing-features.ts'
// Last: a module stays loaded.
import './ipvs.ts'
import './vrf.ts'
