import { describe, expect, test } from 'vitest'
import { FindingCode } from '../../../../../electron/contract/model.ts'
import type { Worker } from '../../../../../electron/contract/steps.ts'
import type { StepFacts } from '../../../../../electron/engine/analyze/steps/parts.ts'
import { stepsFor } from '../../../../../electron/engine/analyze/steps/steps.ts'

const worker: Worker = {
  pid: 51802,
  command: 'api-gw',
  state: 'D',
  stateMeaning: 'uninterruptible sleep',
  waitsIn: 'nfs_wait_bit_killable',
  threads: 1,
  unit: 'api-gw.service',
}
const facts: StepFacts = {
  key: { id: '3fa9c1d200000001', protocol: 'tcp', port: 9000 },
  workers: [worker],
  waiting: 513,
  limit: 512,
  somaxconn: 4096,
}
const commands = (code: FindingCode, given: Partial<StepFacts> = {}) =>
  stepsFor(code, { ...facts, ...given }).map(({ command }) => command)

test('a stalled member: look first, what costs something later, the proof last', () => {
  const steps = stepsFor('member-stalled', facts)
  expect(steps[0]?.text).toBe(
    'See what process 51802 waits for. Now: D (uninterruptible sleep) in `nfs_wait_bit_killable`.',
  )
  expect(commands('member-stalled')).toEqual([
    'sudo cat /proc/51802/stack',
    'sudo timeout 10 strace -f -p 51802 -e trace=accept,accept4',
    'sudo systemctl restart api-gw.service',
    'reuseport-inspector events --for 30s --protocol tcp --port 9000 --kind raised',
  ])
  expect(steps.find(({ command }) => command?.includes('restart'))?.cost).toBe(
    'resets the 513 connections that wait, and all that are established',
  )
})

test('a larger backlog is a step only where the limit is that of the namespace', () => {
  expect(commands('queue-overflowing', { limit: 128, somaxconn: 128 })).toContain('sudo sysctl net.core.somaxconn=4096')
  expect(commands('queue-overflowing').join()).not.toContain('somaxconn')
})

describe('a command', () => {
  test('has no unit that several workers do not share, or that is no name of a unit', () => {
    const other = { ...worker, pid: 2, unit: 'other.service' }
    expect(commands('member-stalled', { workers: [worker, other] }).join()).not.toContain('systemctl')
    const hostile = { ...worker, unit: 'a;reboot.service' }
    expect(commands('member-stalled', { workers: [hostile] }).join()).not.toContain('systemctl')
  })
  test('quotes a unit with an escape', () => {
    const escaped = { ...worker, unit: 'api\\x2dgw.service' }
    expect(commands('member-stalled', { workers: [escaped] })).toContain("sudo systemctl restart 'api\\x2dgw.service'")
  })
  test('checks the configuration of the program at hand', () => {
    const nginx = { ...worker, command: 'nginx', unit: 'nginx.service' }
    expect(commands('not-a-group', { workers: [nginx] })).toEqual([
      'reuseport-inspector show 3fa9c1d200000001',
      'sudo nginx -t',
      'sudo systemctl reload-or-restart nginx.service',
      'reuseport-inspector events --for 30s --protocol tcp --port 9000 --kind raised',
    ])
  })
})

test('every finding has steps, without any process too', () => {
  for (const code of FindingCode.options) {
    expect(stepsFor(code, { ...facts, workers: [], limit: null, somaxconn: null }).length).toBeGreaterThan(0)
  }
})
