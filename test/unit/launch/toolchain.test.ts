import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { causeOf, headersBeside, missingTools } from '../../../electron/launch/toolchain.mjs'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'toolchain-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function have(...tools: string[]): { PATH: string } {
  for (const tool of tools) {
    writeFileSync(join(folder, tool), '')
    chmodSync(join(folder, tool), 0o755)
  }
  return { PATH: folder }
}

describe('the tools that build the addon', () => {
  test('are all installed', () => {
    expect(missingTools(have('g++', 'make', 'python3'))).toBeNull()
  })

  test('are named where missing, with how to install them', () => {
    expect(missingTools(have('python3'))).toBe('g++ and make are not installed (Debian, Ubuntu: apt install g++ make)')
    expect(missingTools({ PATH: '' })).toContain('python3')
  })

  test('can be set by the environment', () => {
    expect(missingTools({ ...have('make'), CXX: 'clang++', PYTHON: '/opt/python' })).toBeNull()
  })
})

describe("Node's headers", () => {
  const executable = () => join(folder, 'bin/node')
  beforeEach(() => {
    mkdirSync(join(folder, 'bin'))
    writeFileSync(executable(), '')
  })
  function install(major: number) {
    mkdirSync(join(folder, 'include/node'), { recursive: true })
    writeFileSync(join(folder, 'include/node/node_version.h'), `#define X\n#define NODE_MAJOR_VERSION ${major}\n`)
    writeFileSync(join(folder, 'include/node/common.gypi'), '{}')
  }

  test('are taken from beside the binary', () => {
    install(20)
    expect(headersBeside(executable(), '20.20.2')).toBe(folder)
  })

  test('of another major version are not', () => {
    install(18)
    expect(headersBeside(executable(), '20.20.2')).toBeNull()
  })

  test('may be missing', () => {
    expect(headersBeside(executable(), '20.20.2')).toBeNull()
  })
})

describe('the output of a failed step', () => {
  test.each([
    [
      'gyp ERR! stack Error: This is most likely not a problem\ngyp ERR! stack is related to network connectivity.',
      'headers',
    ],
    ['npm error code ECONNREFUSED\nnpm error errno ECONNREFUSED', 'cannot reach the npm registry (ECONNREFUSED)'],
    ['npm error code SELF_SIGNED_CERT_IN_CHAIN', 'cannot reach the npm registry (SELF_SIGNED_CERT_IN_CHAIN)'],
    ['npm error ENOSPC: no space left on device, write', 'the disk is full'],
    [
      "npm error Error: EACCES: permission denied, mkdir '/srv/clone/node_modules'",
      'cannot write to /srv/clone/node_modules',
    ],
    ["g++: error: unrecognized command line option '-std=gnu++20'", 'too old'],
  ])('%s', (printed, cause) => {
    expect(causeOf(printed)).toContain(cause)
  })

  test('has no cause where it is not recognized', () => {
    expect(causeOf('reader.cc:12:3: error: expected ;')).toBeNull()
  })
})
