import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { linkedAbort } from '../../../electron/contract/linked-abort.ts'

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))

describe('a linked signal', () => {
  it.each([0, 1])('is aborted by source %i, for its reason', (which) => {
    const sources = [new AbortController(), new AbortController()]
    const { signal } = linkedAbort(sources.map((source) => source.signal))
    expect(signal.aborted).toBe(false)
    sources[which]?.abort(new Error('enough'))
    expect(signal.reason).toEqual(new Error('enough'))
  })
  it('is aborted at once by a source that is aborted already', () => {
    expect(linkedAbort([new AbortController().signal, AbortSignal.abort('before')]).signal.reason).toBe('before')
  })
  it('can be aborted alone, without its sources', () => {
    const source = new AbortController()
    const { signal, abort } = linkedAbort([source.signal])
    abort('mine')
    expect(signal.reason).toBe('mine')
    expect(source.signal.aborted).toBe(false)
  })
  it('follows nothing once it is released', () => {
    vi.useFakeTimers()
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const source = new AbortController()
    const { signal, release } = linkedAbort([source.signal], 1)
    release()
    source.abort()
    vi.advanceTimersByTime(1000)
    expect(signal.aborted).toBe(false)
  })
  it('times out even if garbage is collected meanwhile', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const { signal } = linkedAbort([new AbortController().signal], 100)
    const collecting = setInterval(collect, 5)
    onTestFinished(() => clearInterval(collecting))
    await aborted(signal)
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' })
  })
})

it('AbortSignal.any is refused by the linter', () => {
  const root = resolve(import.meta.dirname, '../../..')
  const folder = mkdtempSync(join(tmpdir(), 'rpi-lint-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'a.ts'), 'export const signal = (one: AbortSignal) => AbortSignal.any([one])\n')
  const lint = () =>
    execFileSync(
      join(root, 'node_modules/.bin/biome'),
      ['lint', '--vcs-enabled=false', `--config-path=${root}`, join(folder, 'a.ts')],
      { cwd: folder, stdio: 'pipe' },
    )
  expect(lint).toThrow('linkedAbort')
})
