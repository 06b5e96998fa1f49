import { expect, test } from 'vitest'
import { ConnectSteps } from '../../../../electron/host/hosts/connect-steps.ts'

test('each step has its time, and a program that is sent its progress', () => {
  let now = 0
  const steps = new ConnectSteps(() => now)
  const after = (ms: number, take: () => void) => {
    now += ms
    take()
  }
  after(300, () => steps.take({ step: 'system', system: 'Linux 6.1, x86_64' }))
  after(10, () => steps.take({ step: 'send', bytes: 0, of: 100 }))
  after(500, () => steps.take({ step: 'send', bytes: 60, of: 100 }))
  expect(steps.list).toEqual([
    { name: 'sign-in', durationMs: 300, detail: null, sent: null },
    { name: 'system', durationMs: 10, detail: 'Linux 6.1, x86_64', sent: null },
    { name: 'send', durationMs: null, detail: null, sent: { bytes: 60, of: 100 } },
  ])
  after(500, () => steps.take({ step: 'start', program: '/x/engine-1' }))
  after(200, () => steps.reading())
  after(50, () => steps.end())
  expect(steps.list.map(({ name, durationMs }) => [name, durationMs])).toEqual([
    ['sign-in', 300],
    ['system', 10],
    ['send', 1000],
    ['start', 200],
    ['read', 50],
  ])
  expect([steps.totalMs, steps.program]).toEqual([1560, '/x/engine-1'])
})
