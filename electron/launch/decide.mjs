/**
 * Decides whether `npm start` opens a window or the browser, and why. Pure.
 *
 * @typedef {object} Facts
 * @property {boolean} wantsBrowser --browser was given
 * @property {boolean} root the effective user is root
 * @property {boolean} display there is a display to open a window on (X11 or Wayland)
 * @property {boolean} binary Electron's binary is installed
 *
 * @typedef {{ front: 'window' } | { front: 'fetch' } | { front: 'browser', why: string }} Decision
 */

/**
 * `fetch`: only the binary is missing; fetch it, then decide again with `tried`.
 * @param {Facts} facts
 * @param {string | null} tried why fetching the binary failed, null before it was tried
 * @returns {Decision}
 */
export function decide({ wantsBrowser, root, display, binary }, tried = null) {
  if (wantsBrowser) return { front: 'browser', why: '--browser was given' }
  if (root) return { front: 'browser', why: 'running Chromium as root is unsafe' }
  if (!display) return { front: 'browser', why: 'no display (neither DISPLAY nor WAYLAND_DISPLAY is set)' }
  if (binary) return { front: 'window' }
  if (tried === null) return { front: 'fetch' }
  return { front: 'browser', why: `Electron's binary is not available (${tried})` }
}

/** Chromium's startup errors on standard error, from its sandbox/linux and content/browser/zygote_host. */
const REFUSALS = [
  { said: /SUID sandbox helper binary was found, but is not configured correctly/, kind: 'sandbox' },
  { said: /No usable sandbox!/, kind: 'sandbox' },
  { said: /sandbox\/linux\/services\/credentials\.cc.*Check failed/, kind: 'sandbox' },
  { said: /Failed to move to new namespace/, kind: 'sandbox' },
  { said: /Running as root without --no-sandbox is not supported/, kind: 'root' },
  { said: /version `(?<detail>GLIBC(XX)?_[\d.]+)' not found/, kind: 'glibc' },
  { said: /GPU process isn't usable/, kind: 'gpu' },
  { said: /error while loading shared libraries: (?<detail>[\w.+-]+)/, kind: 'library' },
  { said: /Missing X server or \$DISPLAY|cannot open display|Failed to connect to Wayland/i, kind: 'display' },
]

/**
 * Why Electron did not open its window, and what to do; null where it ended for another reason.
 * @param {string} stderr what it wrote
 * @param {{ helper: string, usernsRestricted: boolean }} machine path of chrome-sandbox; AppArmor limits namespaces
 * @returns {string | null}
 */
export function whyNoWindow(stderr, { helper, usernsRestricted }) {
  for (const { said, kind } of REFUSALS) {
    const match = said.exec(stderr)
    if (match === null) continue
    if (kind === 'root') return 'running Chromium as root is unsafe'
    if (kind === 'display') return 'the display does not respond'
    if (kind === 'glibc') return `this system is too old for Electron, which needs ${match.groups?.detail}`
    if (kind === 'gpu') {
      return "Electron's GPU process keeps crashing; try `npm start -- -- --disable-gpu`"
    }
    if (kind === 'library') {
      return `Electron needs ${match.groups?.detail}, which is not installed; install the package that contains it`
    }
    return sandboxRefused(helper, usernsRestricted)
  }
  return null
}

/**
 * The switches for Electron itself.
 * @param {string[]} given
 * @returns {string[]}
 * @throws {Error} where one would disable the sandbox.
 */
export function switchesIn(given) {
  const refused = given.find((text) => /sandbox/.test(text))
  if (refused !== undefined) throw new Error(`${refused} is not allowed: the window runs only in its sandbox`)
  return given
}

/**
 * The environment for Electron, without ELECTRON_RUN_AS_NODE: editors built on Electron set it in their terminals, and
 * it would turn Electron into plain Node.
 * @param {NodeJS.ProcessEnv} environment
 */
export function windowEnvironment({ ELECTRON_RUN_AS_NODE: _, ...environment }) {
  return environment
}

function sandboxRefused(helper, usernsRestricted) {
  const cause = usernsRestricted
    ? 'only programs with an AppArmor profile may create user namespaces here (kernel.apparmor_restrict_unprivileged_userns = 1)'
    : 'unprivileged users may not create user namespaces here'
  return (
    `Electron's sandbox cannot start: ${cause}, and its helper is not setuid root. Install the .deb, which sets ` +
    `this up, or make the helper setuid root:\n  sudo chown root:root '${helper}' && sudo chmod 4755 '${helper}'`
  )
}
