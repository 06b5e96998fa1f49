/**
 * When a wait counts as broken, in all tests. They are generous safety nets: even the slowest machine under load stays
 * well within them, so that no test passes or fails by speed.
 */

/** For one condition to come true. */
export const CONDITION_MS = 120_000

/** For one test or hook, which may wait for several conditions. */
export const TEST_MS = 300_000
