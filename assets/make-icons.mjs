/** Renders assets/icons/SIZE.png from assets/icon.svg, with Chromium. After changing it: node assets/make-icons.mjs */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const here = import.meta.dirname
const sizes = [16, 24, 32, 48, 64, 128, 256, 512]

mkdirSync(join(here, 'icons'), { recursive: true })
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking'],
})
const page = await browser.newPage()
await page.setContent(
  `<style>body { margin: 0 } svg { display: block; width: 100vw }</style>${readFileSync(join(here, 'icon.svg'), 'utf8')}`,
)
for (const size of sizes) {
  await page.setViewportSize({ width: size, height: size })
  await page.screenshot({ path: join(here, `icons/${size}.png`), omitBackground: true })
}
await browser.close()
