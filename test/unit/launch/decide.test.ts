import { describe, expect, test } from 'vitest'
import { decide, switchesIn, whyNoWindow, windowEnvironment } from '../../../electron/launch/decide.mjs'
import { reasonIn } from '../../../electron/launch/electron-binary.mjs'

const READY = { wantsBrowser: false, root: false, display: true, binary: true }

describe('npm start', () => {
  test('opens the window where nothing is missing', () => {
    expect(decide(READY)).toEqual({ front: 'window' })
  })

  test('fetches the binary once, where only that is missing', () => {
    expect(decide({ ...READY, binary: false })).toEqual({ front: 'fetch' })
    expect(decide({ ...READY, binary: true }, null)).toEqual({ front: 'window' })
    expect(decide({ ...READY, binary: false }, 'HTTP 403')).toEqual({
      front: 'browser',
      why: "Electron's binary is not available (HTTP 403)",
    })
  })

  test.each([
    [{ wantsBrowser: true }, '--browser was given'],
    [{ root: true }, 'as root is unsafe'],
    [{ display: false }, 'no display'],
    [{ root: true, binary: false }, 'as root is unsafe'],
    [{ display: false, binary: false }, 'no display'],
  ])('goes to the browser with %j and fetches nothing', (facts, why) => {
    expect(decide({ ...READY, ...facts })).toEqual({ front: 'browser', why: expect.stringContaining(why) })
  })
})

describe('an Electron that cannot open its window', () => {
  const machine = { helper: '/x/chrome-sandbox', usernsRestricted: false }
  test.each([
    "[1:1:FATAL:sandbox/linux/suid/client/setuid_sandbox_host.cc:166] The SUID sandbox helper binary was found, but is not configured correctly. Rather than run without sandboxing I'm aborting now.",
    '[1:FATAL:zygote_host_impl_linux.cc(128)] No usable sandbox! If you are running on Ubuntu 23.10+ or another Linux distro that has disabled unprivileged user namespaces with AppArmor',
    '[1:1:FATAL:sandbox/linux/services/credentials.cc:131] Check failed: . : Permission denied (13)',
    'Failed to move to new namespace: PID namespaces supported, Network namespace supported, but failed: errno = Operation not permitted',
  ])('for its sandbox: %s', (stderr) => {
    const why = whyNoWindow(stderr, machine)
    expect(why).toContain('sandbox cannot start')
    expect(why).toContain("sudo chown root:root '/x/chrome-sandbox' && sudo chmod 4755 '/x/chrome-sandbox'")
    expect(why).not.toContain('--no-sandbox')
  })

  test('names AppArmor where that is the cause', () => {
    expect(whyNoWindow('No usable sandbox!', { ...machine, usernsRestricted: true })).toContain(
      'kernel.apparmor_restrict_unprivileged_userns = 1',
    )
  })

  test('for a library, a display or root', () => {
    const library = 'electron: error while loading shared libraries: libnss3.so: cannot open shared object file'
    expect(whyNoWindow(library, machine)).toContain('libnss3.so')
    expect(whyNoWindow('ERROR:ozone_platform_x11.cc Missing X server or $DISPLAY', machine)).toContain('display')
    expect(whyNoWindow('Running as root without --no-sandbox is not supported.', machine)).toContain('root')
  })

  test('for a system that is too old, and for a GPU process that dies', () => {
    const glibc = "electron: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by electron)"
    expect(whyNoWindow(glibc, machine)).toContain('too old for Electron, which needs GLIBC_2.34')
    const gpu = "[1:1:FATAL:gpu_data_manager_impl_private.cc(423)] GPU process isn't usable. Goodbye."
    expect(whyNoWindow(gpu, machine)).toContain('npm start -- -- --disable-gpu')
  })

  test('ended for another reason', () => {
    expect(whyNoWindow('', machine)).toBeNull()
    expect(whyNoWindow('GPU process exited unexpectedly', machine)).toBeNull()
  })
})

test('switches for Electron are passed on, except those that disable the sandbox', () => {
  expect(switchesIn([])).toEqual([])
  expect(switchesIn(['--disable-gpu', '--ozone-platform=wayland'])).toEqual([
    '--disable-gpu',
    '--ozone-platform=wayland',
  ])
  for (const refused of ['--no-sandbox', '--disable-setuid-sandbox', '--disable-gpu-sandbox']) {
    expect(() => switchesIn(['--disable-gpu', refused]), refused).toThrow(`${refused} is not allowed`)
  }
})

test('Electron does not run as plain Node', () => {
  expect(windowEnvironment({ HOME: '/h', ELECTRON_RUN_AS_NODE: '1' })).toEqual({ HOME: '/h' })
})

test("an installer's error fits one line of a terminal", () => {
  expect(reasonIn('  at x\nHTTPError: Response code 403 (Forbidden)\n  at y')).toBe('Response code 403 (Forbidden)')
  expect(reasonIn('TypeError: fetch failed\n    at node:internal')).toBe('cannot reach the download server')
  expect(reasonIn('Error: \x1b[31m\x07bad\x1b[0m\u202e')).toBe('[31mbad[0m')
  expect(reasonIn('')).toBe('the download failed')
  expect(reasonIn(`Error ${'x'.repeat(500)}`)).toHaveLength(120)
})
