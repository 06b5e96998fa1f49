/**
 * What a frame of the page costs, in the built page and Chromium: `node test/bench/page.mjs [GROUPS] [SECONDS]`, with
 * one group of which every member moves, `… moving [MEMBERS] [SECONDS]`, or, as root, with one of real sockets,
 * `… members [MEMBERS] [SECONDS]`. One line of JSON; the budget of DESIGN.md is 8 ms of scripting at the 95th percentile with 10,000 groups, and with 32,768 members.
 */
import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'

/** Clients that connect every second. */
const CLIENTS = 500

const load = async (name) =>
  (
    await runnerImport(fileURLToPath(new URL(name, import.meta.url)), {
      configFile: false,
      logLevel: 'error',
      // `await using` is newer than Node 20.
      oxc: { target: 'node20' },
    })
  ).module

const asked = process.argv.slice(2)
if (asked[0] === 'members') {
  const [, members = '32768', seconds = '10'] = asked
  const { measureMemberFrames } = await load('./member-frames.ts')
  console.log(JSON.stringify(await measureMemberFrames(Number(members), CLIENTS, Number(seconds))))
} else if (asked[0] === 'moving') {
  const [, members = '32768', seconds = '10'] = asked
  const { measureMovingMembers } = await load('./moving-members.ts')
  console.log(JSON.stringify(await measureMovingMembers(Number(members), Number(seconds))))
} else {
  const [groups = '10000', seconds = '10'] = asked
  const { measureFrames } = await load('./page-frames.ts')
  console.log(JSON.stringify(await measureFrames(Number(groups), Number(seconds))))
}
