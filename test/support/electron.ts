/**
 * Stands in for the `electron` module in every test: importing the real one outside Electron starts a download.
 * A test that needs a part of Electron replaces it with `vi.mock('electron', …)`; touching any other part says so.
 */
const missing: unknown = new Proxy(
  {},
  {
    get: (_target, name) => {
      // What module loaders and promises look at on their own.
      if (typeof name === 'symbol' || name === 'then' || name === '__esModule') return undefined
      throw new Error(`electron.${name} is used in a test without a mock: give one with vi.mock('electron', …)`)
    },
  },
)
export default missing
