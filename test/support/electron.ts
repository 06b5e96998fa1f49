/**
 * Replaces the `electron` module in every test: importing the real one outside Electron starts a download.
 * A test that needs a part of Electron mocks it with `vi.mock('electron', …)`; using any other part throws.
 */
const missing: unknown = new Proxy(
  {},
  {
    get: (_target, name) => {
      // Read by module loaders and promises.
      if (typeof name === 'symbol' || name === 'then' || name === '__esModule') return undefined
      throw new Error(`electron.${name} is used in a test without a mock: add one with vi.mock('electron', …)`)
    },
  },
)
export default missing
