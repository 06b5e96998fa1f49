/**
 * The values of enums that are used without zod. Separate from the schemas that use them, because loading zod would take
 * a fifth of a terminal command's time.
 */

export const PROTOCOLS = ['tcp', 'udp'] as const
export const SOCKET_STATES = ['listening', 'bound', 'unconnected', 'connected'] as const
/** The worst last. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const
export const SHARINGS = ['reuseport', 'reuseaddr', 'inherited', 'none', 'unknown'] as const
export const REDACTIONS = ['hosts', 'addresses', 'users', 'commands'] as const
export const EXPORT_FORMATS = ['json', 'csv', 'html', 'markdown', 'svg', 'png', 'prometheus'] as const
export const EVENT_KINDS = [
  'raised',
  'cleared',
  'joined',
  'left',
  'reload',
  'namespace',
  'program',
  'unwatched',
] as const

// The lab.
export const ACCEPT_BEHAVIORS = ['normal', 'slow', 'never'] as const
export const ACCEPT_MODELS = ['reuseport', 'shared', 'dispatcher'] as const
export const WAIT_STRATEGIES = ['accept', 'epoll', 'epoll-exclusive'] as const
export const STEERINGS = ['hash', 'random', 'cpu', 'source-port', 'member', 'sock-array'] as const
export const REPLIES = ['echo', 'dns'] as const
export const EXCHANGES = ['echo', 'hold', 'close', 'send', 'dns'] as const
export const RECIPE_SIZES = ['small', 'full'] as const
export const RECIPE_NAMES = [
  'accept-models',
  'udp-dns',
  'listeners-change',
  'slow-worker',
  'no-hijacking',
  'reuseaddr-is-not-reuseport',
  'steering',
  'out-of-rotation',
  'program-steers',
] as const
