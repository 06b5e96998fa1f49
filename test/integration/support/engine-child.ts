/**
 * An engine over JSON lines: {"path": "groups.changes", "input": {…}} on standard input, {"output": …} or
 * {"error": {code, message, data}} on standard output. Bundled by global-setup.ts, so that plain Node runs it as any
 * user.
 */
import { readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { ORPCError } from '@orpc/client'
import { Settings } from '../../../electron/contract/settings.ts'
import { startEngine } from '../../../electron/engine/engine.ts'
import { memorySettings } from '../../../electron/engine/settings/settings-store.ts'

// From dist/test/integration-…/, where the bundle is.
const addonPath = fileURLToPath(new URL('../../../native/build/Release/reuseport.node', import.meta.url))

function say(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}

function usage() {
  globalThis.gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  // Without the descriptor that reads the directory.
  const descriptors = readdirSync('/proc/self/fd').length - 1
  return { descriptors, heapUsed, external, rss, cpuMs: (user + system) / 1000 }
}

const engine = await startEngine({ addonPath, settings: memorySettings(Settings.parse({})) })
say({ ready: true, pid: process.pid })

async function answer(path: string, input: unknown): Promise<unknown> {
  if (path === 'usage') return usage()
  if (path === 'refresh') {
    for (let count = Number(input); count > 0; count--) await engine.client.snapshot({})
    return null
  }
  let procedure: unknown = engine.client
  for (const part of path.split('.')) procedure = (procedure as Record<string, unknown>)[part]
  return (procedure as (input: unknown) => Promise<unknown>)(input)
}

for await (const line of createInterface({ input: process.stdin })) {
  const { path, input } = JSON.parse(line) as { path: string; input?: unknown }
  try {
    say({ output: (await answer(path, input)) ?? null })
  } catch (error) {
    const code = error instanceof ORPCError ? error.code : 'THROWN'
    const data = error instanceof ORPCError ? error.data : null
    say({ error: { code, message: error instanceof Error ? error.message : String(error), data } })
  }
}
await engine.close()
