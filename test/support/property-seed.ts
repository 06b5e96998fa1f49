/**
 * Property tests try the same values in every run, like the fuzz tests: an unknown counterexample is found by a run that
 * looks for one (FUZZ_SEED), not by chance in an unrelated change.
 */
import fc from 'fast-check'

fc.configureGlobal({ seed: Number(process.env.FUZZ_SEED ?? 1) })
