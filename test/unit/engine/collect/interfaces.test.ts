/** Which interfaces have which name, with a reader that answers as the addon may. */
import { expect, test } from 'vitest'
import { Interfaces } from '../../../../electron/engine/collect/interfaces.ts'
import type { NetworkInterface } from '../../../../native/index.ts'

const address = (family: 4 | 6, ...bytes: number[]) => {
  const padded = new Uint8Array(16)
  padded.set(bytes)
  return { family, bytes: padded }
}
const lo: NetworkInterface = { index: 1, name: 'lo', addresses: [address(4, 127, 0, 0, 1)] }
const named = (name: string): NetworkInterface[] => [lo, { index: 2, name, addresses: [] }]

function refusal(): Error {
  return Object.assign(new Error('refused'), { operation: 'socket NETLINK_ROUTE', errno: 1, code: 'EPERM' })
}

/** Interfaces over a reader that gives these answers, one after another, then "nothing changed". */
function interfacesOf(...answers: (readonly NetworkInterface[] | Error)[]) {
  const asked: number[] = []
  let changes = 0
  const interfaces = new Interfaces(
    {
      readInterfaces: async (netns) => {
        asked.push(netns)
        const answer = answers.shift() ?? null
        if (answer instanceof Error) throw answer
        return answer
      },
    },
    () => changes++,
  )
  return { interfaces, asked, changes: () => changes }
}

test('names and addresses are known once requested, and no other namespace is queried', async () => {
  const { interfaces, asked, changes } = interfacesOf([
    lo,
    { index: 2, name: 'wire', addresses: [address(4, 10, 0, 0, 1), address(6, 0xfe, 0x80, ...Array(13).fill(0), 1)] },
  ])
  await interfaces.update([])
  expect(asked).toEqual([])
  await interfaces.update([7])
  expect(interfaces.name(7, 2)).toBe('wire')
  expect(interfaces.name(7, 3)).toBe(null)
  expect(interfaces.name(8, 2)).toBe(null)
  expect(interfaces.list(7)).toEqual([
    { index: 1, name: 'lo', addresses: ['127.0.0.1'] },
    { index: 2, name: 'wire', addresses: ['10.0.0.1', 'fe80::1'] },
  ])
  expect(changes()).toBe(0)
})

test('requested namespaces stay up to date, and a change of names is reported once', async () => {
  const { interfaces, asked, changes } = interfacesOf(named('before'), named('after'))
  await interfaces.update([7])
  await interfaces.update([])
  expect(interfaces.name(7, 2)).toBe('after')
  await interfaces.update([])
  expect(interfaces.name(7, 2)).toBe('after')
  expect(asked).toEqual([7, 7, 7])
  expect(changes()).toBe(1)
})

test('a change of addresses alone changes no name', async () => {
  const { interfaces, changes } = interfacesOf([lo], [{ ...lo, addresses: [] }])
  await interfaces.update([7])
  await interfaces.update([])
  expect(interfaces.list(7)).toEqual([{ index: 1, name: 'lo', addresses: [] }])
  expect(changes()).toBe(0)
})

test('where rtnetlink is refused, interfaces stay numbers, and get their names once it is allowed', async () => {
  const { interfaces, changes } = interfacesOf(refusal(), named('wire'))
  await interfaces.update([7])
  expect(interfaces.name(7, 2)).toBe(null)
  expect(interfaces.list(7)).toEqual([])
  await interfaces.update([])
  expect(interfaces.name(7, 2)).toBe('wire')
  expect(changes()).toBe(1)
})

test('a released namespace is forgotten, even while it is being read', async () => {
  const { interfaces, asked } = interfacesOf(named('wire'), named('other'))
  await interfaces.update([7])
  const updating = interfaces.update([])
  interfaces.forget(7)
  await updating
  expect(interfaces.list(7)).toEqual([])
  await interfaces.update([])
  expect(asked).toEqual([7])
})

test('two concurrent updates both know the names afterwards', async () => {
  const { interfaces } = interfacesOf(named('wire'))
  const first = interfaces.update([7])
  await interfaces.update([7])
  expect(interfaces.name(7, 2)).toBe('wire')
  await first
})
