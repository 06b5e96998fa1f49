/** The browser for tests. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** The headless shell renders as the browser does for half the work: no windows, no desktop services. */
const SHELL = '/usr/bin/chromium-headless-shell'
const PATH = process.env.CHROMIUM_PATH ?? (existsSync(SHELL) ? SHELL : '/usr/bin/chromium')

/** Why it cannot start here; null where it can. */
export function chromiumMissing(): string | null {
  return existsSync(PATH) ? null : `there is no Chromium at ${PATH} (CHROMIUM_PATH names another)`
}

/**
 * Starts it without a display. Its sandbox is off: it is not under test, and containers refuse it. It makes no requests
 * of its own. Without a graphics card, emulating one would be most of the work.
 */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: PATH,
    args: [
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-gpu',
      '--disable-software-rasterizer',
    ],
  })
}
