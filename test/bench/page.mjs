/**
 * What a frame of the page costs, in the built page and Chromium: `node test/bench/page.mjs [GROUPS] [SECONDS]`. One line
 * of JSON; the budget of DESIGN.md is 8 ms of scripting at the 95th percentile with 10,000 groups.
 */
import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'

const [groups = '10000', seconds = '10'] = process.argv.slice(2)
const { module } = await runnerImport(fileURLToPath(new URL('./page-frames.ts', import.meta.url)), {
  configFile: false,
  logLevel: 'error',
})
console.log(JSON.stringify(await module.measureFrames(Number(groups), Number(seconds))))
