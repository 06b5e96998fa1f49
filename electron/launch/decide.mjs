/**
 * Which way `npm start` goes, and why. Pure: facts in, a decision in words out.
 *
 * @typedef {object} Facts
 * @property {boolean} wantsBrowser somebody asked for the browser
 * @property {boolean} root the effective user is root
 * @property {boolean} display there is a display to open a window on (X11 or Wayland)
 * @property {boolean} binary Electron's binary is there
 *
 * @typedef {{ front: 'window' } | { front: 'fetch' } | { front: 'browser', why: string }} Decision
 */

/**
 * `fetch`: everything but the binary is there, so it is worth fetching it; decide again afterwards with `tried`.
 * @param {Facts} facts
 * @param {string | null} tried why fetching the binary failed, null before it was tried
 * @returns {Decision}
 */
export function decide({ wantsBrowser, root, display, binary }, tried = null) {
  if (wantsBrowser) return { front: 'browser', why: 'as asked' }
  if (root) return { front: 'browser', why: 'Electron is never run as root' }
  if (!display) return { front: 'browser', why: 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)' }
  if (binary) return { front: 'window' }
  if (tried === null) return { front: 'fetch' }
  return { front: 'browser', why: `Electron's binary is not available here (${tried})` }
}

/** What a Chromium that cannot start says on standard error, and what that means. Texts of Chromium's sandbox/linux and content/browser/zygote_host. */
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
 * Why Electron did not open its window, in words and with what to do; null where it ended for another reason.
 * @param {string} stderr what it wrote
 * @param {{ helper: string, usernsRestricted: boolean }} machine path of chrome-sandbox; AppArmor restricts user namespaces
 * @returns {string | null}
 */
export function whyNoWindow(stderr, { helper, usernsRestricted }) {
  for (const { said, kind } of REFUSALS) {
    const match = said.exec(stderr)
    if (match === null) continue
    if (kind === 'root') return 'Electron is never run as root'
    if (kind === 'display') return 'the display does not answer'
    if (kind === 'glibc') return `this system is older than Electron needs: it wants ${match.groups?.detail}`
    if (kind === 'gpu') {
      return 'its GPU process does not stay up; without it the window may open: `npm start -- -- --disable-gpu`'
    }
    if (kind === 'library') {
      return `Electron needs ${match.groups?.detail}, which is not installed; your distribution has a package with it`
    }
    return sandboxRefused(helper, usernsRestricted)
  }
  return null
}

/**
 * What was given for Electron itself.
 * @param {string[]} given
 * @returns {string[]}
 * @throws {Error} where it takes a sandbox away.
 */
export function switchesIn(given) {
  const refused = given.find((text) => /sandbox/.test(text))
  if (refused !== undefined)
    throw new Error(`${refused} is not passed on: the window runs in its sandbox or not at all`)
  return given
}

/**
 * The environment for Electron: with this variable, which tools that are built on Electron leave in their terminals, it
 * would be plain Node.
 * @param {NodeJS.ProcessEnv} environment
 */
export function windowEnvironment({ ELECTRON_RUN_AS_NODE: _, ...environment }) {
  return environment
}

function sandboxRefused(helper, usernsRestricted) {
  const cause = usernsRestricted
    ? 'this system lets only programs with an AppArmor profile make user namespaces (kernel.apparmor_restrict_unprivileged_userns = 1)'
    : 'this system lets ordinary users make no user namespaces'
  return (
    `Electron's sandbox is refused: ${cause}, and its helper has no set-uid bit. Install the .deb, which brings ` +
    `what the sandbox needs, or give the helper its bit:\n  sudo chown root:root '${helper}' && sudo chmod 4755 '${helper}'`
  )
}
