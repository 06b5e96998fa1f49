/** The browser for tests. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** The headless shell renders as the browser does for half the work: no windows, no desktop services. */
const SHELL = '/usr/bin/chromium-headless-shell'
export const chromiumPath = process.env.CHROMIUM_PATH ?? (existsSync(SHELL) ? SHELL : '/usr/bin/chromium')

/** Why it cannot start here; null where it can. */
export function chromiumMissing(): string | null {
  return existsSync(chromiumPath) ? null : `there is no Chromium at ${chromiumPath} (CHROMIUM_PATH names another)`
}

/**
 * Its sandbox is off: it is not under test, and containers refuse it. It makes no requests of its own. Without a graphics
 * card, emulating one would be most of the work.
 */
export const CHROMIUM_ARGUMENTS: string[] = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-software-rasterizer',
]

/** Starts it without a display. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath, args: CHROMIUM_ARGUMENTS })
}

/** Starts one for other processes, which find it at `endpoint` (chromium.connect), each with pages of its own. */
export async function shareChromium(): Promise<{ endpoint: string; close(): Promise<void> }> {
  const options = { executablePath: chromiumPath, args: CHROMIUM_ARGUMENTS, host: '127.0.0.1' }
  const server = await chromium.launchServer(options)
  return { endpoint: server.wsEndpoint(), close: () => server.close() }
}
