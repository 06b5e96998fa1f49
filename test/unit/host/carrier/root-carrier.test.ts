import { expect, test } from 'vitest'
import { ROOT_HERE } from '../../../../electron/contract/constants.ts'
import { isSshHost } from '../../../../electron/host/carrier/carrier.ts'
import { wayToRoot } from '../../../../electron/host/carrier/root-carrier.ts'

test('no host of ssh has its name', () => expect(isSshHost(ROOT_HERE)).toBe(false))

const SUDO = { sudo: true, pkexec: false, desktop: true }
const PKEXEC = { sudo: true, pkexec: true, desktop: true }

test('sudo asks through SUDO_ASKPASS, and nothing of the environment reaches the shell of root', () => {
  const { name, shellArguments, viewOnly } = wayToRoot(SUDO).carrier()
  expect({ name, viewOnly }).toEqual({ name: ROOT_HERE, viewOnly: true })
  expect(shellArguments.slice(3, 10)).toEqual(['sudo', '-A', '-H', '-u', 'root', '--', '/bin/sh'])
  expect(shellArguments.at(-1)).toMatch(/^exec \/usr\/bin\/env -i HOME="\$HOME" PATH=\/usr\/local\/sbin:\S* \/bin\/sh$/)
})

test('without a way to become root, it says so and what to do', () => {
  expect(wayToRoot({ sudo: false, pkexec: false, desktop: true }).carrier).toThrow(
    expect.objectContaining({
      problem: {
        operation: 'connecting to this machine as root',
        cause: 'sudo is not installed',
        hint: 'Install sudo, or start `reuseport-inspector serve` as root.',
      },
    }),
  )
})

test('pkexec, which a program of the desktop answers, is used where there is a desktop, or no sudo', () => {
  expect(wayToRoot(PKEXEC).via).toBe('pkexec')
  expect(wayToRoot({ ...PKEXEC, desktop: false }).via).toBe('sudo')
  expect(wayToRoot({ sudo: false, pkexec: true, desktop: false }).via).toBe('pkexec')
  const { shellArguments, isEngine, viewOnly } = wayToRoot(PKEXEC).carrier()
  expect({ isEngine, viewOnly }).toEqual({ isEngine: true, viewOnly: true })
  expect(shellArguments.slice(3)).toEqual([
    'pkexec',
    '--disable-internal-agent',
    '/usr/lib/reuseport-inspector/root-engine',
  ])
})

const adviceOf = (ways: typeof SUDO) => (words: string) =>
  wayToRoot(ways)
    .carrier()
    .advice?.find(([says]) => says.test(words))?.[1]
const advice = adviceOf(SUDO)

test.each([
  ['Error executing command as another user: Request dismissed', /^Try again/],
  ['Error executing command as another user: Not authorized / This incident has been reported.', /^Ask who/],
  ['Error executing command as another user: No authentication agent found.', /install its polkit agent/],
  ['pkexec must be setuid root', /sandbox/],
])('of what pkexec says, "%s" has its advice', (words, expected) => expect(adviceOf(PKEXEC)(words)).toMatch(expected))

test.each([
  ['sudo: 3 incorrect password attempts', /^Try again/],
  ['sudo: no password was provided / sudo: a password is required', /answer the question/],
  ['alice is not in the sudoers file.', /^Ask who administers/],
  ["Sorry, user alice is not allowed to execute '/bin/sh -c x' as root on web7.", /^Ask who administers/],
  ['sudo: sorry, you must have a tty to run sudo', /requiretty/],
  [`sudo: The "no new privileges" flag is set, which prevents sudo from running as root.`, /NoNewPrivileges=/],
])('of what sudo says, "%s" has its advice', (words, expected) => expect(advice(words)).toMatch(expected))
