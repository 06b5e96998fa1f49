/** Objects in place of Electron's: unknown calls are errors, so that nothing passes unnoticed. */

/** Calls of the bundles that the shell does not know. A test that leaves one behind fails. */
export const unknownCalls: string[] = []

/** The shell's exit status after an unknown call, however the bundle handled the error. */
export const UNKNOWN_CALLS = 99

/** `target`, but reading a missing property is an error. `name` is its path, such as `electron.app`. */
export function strict<T extends object>(name: string, target: T): T {
  return new Proxy(target, {
    get(object, key) {
      // Bound to the object itself: classes with private fields do not work behind a proxy.
      const value: unknown = Reflect.get(object, key, object)
      if (value !== undefined || key in object || typeof key === 'symbol' || INNOCENT.has(key)) {
        return typeof value === 'function' && !isClass(value) ? value.bind(object) : value
      }
      return refuse(`${name}.${key}`)
    },
    set(object, key, value) {
      return key in object ? Reflect.set(object, key, value, object) : refuse(`${name}.${String(key)} =`)
    },
  })
}

/** Fails for options that the shell does not know. */
export function strictOptions(name: string, options: object, known: readonly string[]): void {
  for (const key of Object.keys(options)) if (!known.includes(key)) refuse(`${name}({ ${key} })`)
}

function refuse(call: string): never {
  unknownCalls.push(call)
  throw new Error(`The desktop shell does not know ${call}. Implement it as Electron does, or do not use it.`)
}

/** Read by JavaScript itself: bundlers' interop, await, JSON, Node's inspect. */
const INNOCENT = new Set(['__esModule', 'then', 'toJSON', 'constructor', 'default'])

function isClass(value: { prototype?: unknown }): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value))
}
