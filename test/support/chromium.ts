/** The browser that tests look through. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** The shell draws as the browser does, and takes half the work: no windows, no services of a desktop's. */
const SHELL = '/usr/bin/chromium-headless-shell'
const PATH = process.env.CHROMIUM_PATH ?? (existsSync(SHELL) ? SHELL : '/usr/bin/chromium')

/** Why it cannot be started here; null where it can. */
export function chromiumMissing(): string | null {
  return existsSync(PATH) ? null : `there is no Chromium at ${PATH} (CHROMIUM_PATH names another)`
}

/**
 * Starts it, without a display. Its own sandbox is not what is tested, and containers refuse it; nothing is to leave this
 * machine. Where the machine has no graphics card, imitating one would be most of the work.
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
