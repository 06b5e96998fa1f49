import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HostsFile } from '../../../../electron/host/hosts/hosts-file.ts'

let folder: string
let file: HostsFile

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rpi-test-'))
  file = new HostsFile(join(folder, 'below', 'hosts.json'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second))

test('what was added and connected is there for the next reader, readable by this user only', () => {
  expect(file.read()).toEqual([])
  file.add('canary', 'docker exec -i web sh')
  file.connected('web7', at(1))
  file.connected('canary', at(2))
  expect(new HostsFile(file.path).read()).toEqual([
    { name: 'canary', via: 'docker exec -i web sh', added: true, lastConnectedAt: '2026-01-01T00:00:02.000Z' },
    { name: 'web7', via: null, added: false, lastConnectedAt: '2026-01-01T00:00:01.000Z' },
  ])
  expect(statSync(file.path).mode & 0o777).toBe(0o600)
})

test('adding a host again changes how it is reached', () => {
  file.connected('web7', at(1))
  file.add('web7', 'ssh web7 sudo -n sh')
  expect(file.find('web7')).toMatchObject({ via: 'ssh web7 sudo -n sh', lastConnectedAt: '2026-01-01T00:00:01.000Z' })
  expect(file.remove('web7')).toBe(true)
  expect(file.remove('web7')).toBe(false)
})

test('only the latest hosts that were merely connected are remembered; added ones stay', () => {
  file.add('kept', null)
  for (let host = 0; host < 40; host++) file.connected(`h${host}`, at(host))
  const names = file.read().map(({ name }) => name)
  expect(names).toHaveLength(31)
  expect(names).toContain('kept')
  expect(names).toContain('h39')
  expect(names).not.toContain('h9')
})

test.each(['{', '{"hosts":[{"name":""}]}', '[]'])('a file that is not ours is never overwritten: %s', (text) => {
  mkdirSync(join(folder, 'below'))
  writeFileSync(file.path, text)
  expect(() => file.add('web7', null)).toThrow(/hosts\.json: it is damaged/)
  expect(readFileSync(file.path, 'utf8')).toBe(text)
})

test('a place that cannot be used is said, with what to do', () => {
  // Not by permissions: root may write everywhere.
  writeFileSync(join(folder, 'below'), '')
  expect(() => file.add('web7', null)).toThrow(/hosts\.json: it cannot be read \(ENOTDIR\)/)
})
