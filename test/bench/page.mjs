/**
 * One measurement of the built page in Chromium, as one line of JSON: `node test/bench/page.mjs NAME [NUMBER…]`.
 *
 *   groups [GROUPS] [SECONDS] [COMING]
 *                                cost of a frame while every group changes, and COMING are replaced, once per second
 *   moving [MEMBERS] [SECONDS]   … with one group open, all of whose members change once per second
 *   members [MEMBERS] [SECONDS]  … with one group of real sockets open, to which clients connect (root)
 *   first [ROUNDS]               time from the start of serve to the first group on screen, by stages
 *   memory [REFRESHES]           the page's heap over an hour of refreshes
 */
import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'

/** Clients that connect per second. */
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

const measurements = {
  groups: async (groups = 10_000, seconds = 10, coming = 0) =>
    (await load('./page-frames.ts')).measureFrames(groups, seconds, coming),
  moving: async (members = 32_768, seconds = 10) =>
    (await load('./moving-members.ts')).measureMovingMembers(members, seconds),
  members: async (members = 32_768, seconds = 10) =>
    (await load('./member-frames.ts')).measureMemberFrames(members, CLIENTS, seconds),
  first: async (rounds = 5) => (await load('./first-data.ts')).measureFirstData(rounds),
  memory: async (refreshes = 1800) => (await load('./page-memory.ts')).measurePageMemory(refreshes),
}

const [name = 'groups', ...numbers] = process.argv.slice(2)
if (!Object.hasOwn(measurements, name)) {
  console.error(`There is no measurement ${name}. There are ${Object.keys(measurements).join(', ')}.`)
  process.exit(2)
}
console.log(JSON.stringify(await measurements[name](...numbers.map(Number))))
