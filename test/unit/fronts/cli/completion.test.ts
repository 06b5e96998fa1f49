import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { completionScript, describe as describeProgram, shells } from '../../../../electron/fronts/cli/completion.ts'
import { buildProgram } from '../../../../electron/fronts/cli/program.ts'
import { recordedTerminal } from '../../../doubles/recorded-terminal.ts'

const program = buildProgram({
  terminal: recordedTerminal(),
  connect: () => Promise.reject(new Error('completion needs no engine')),
  openScreen: () => {
    throw new Error('completion needs no screen')
  },
})
const script = (shell: (typeof shells)[number]) => completionScript(shell, describeProgram(program))
const installed = (shell: string) => spawnSync(shell, ['-c', ':']).status === 0

test.each(shells)('%s can read its script', (shell, ...rest) => {
  void rest
  const check = spawnSync(shell, shell === 'fish' ? ['--no-execute'] : ['-n'], {
    input: script(shell),
    encoding: 'utf8',
  })
  if (check.error !== undefined && 'code' in check.error && check.error.code === 'ENOENT') return
  expect(check).toMatchObject({ status: 0, stderr: '' })
})

describe('bash completes', () => {
  const complete = (...words: string[]) => {
    const asked = `
      COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${words.length - 1}
      _reuseport_inspector && printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', `${script('bash')}\n${asked}`], {
      encoding: 'utf8',
    })
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    return stdout.split('\n').filter((line) => line !== '')
  }
  const me = 'reuseport-inspector'

  test('commands', () => {
    expect(complete(me, '')).toEqual(expect.arrayContaining(['groups', 'sockets', 'show', 'watch', 'doctor', '--help']))
    expect(complete(me, 'gr')).toEqual(['groups'])
  })

  test('options of the command that was typed', () => {
    expect(complete(me, 'groups', '--po')).toEqual(['--port'])
    expect(complete(me, 'doctor', '--')).toEqual(expect.arrayContaining(['--json', '--help']))
    expect(complete(me, 'doctor', '--po')).toEqual([])
  })

  test('values of an option, after a space and after an equals sign', () => {
    expect(complete(me, 'groups', '--sharing', 'reuse')).toEqual(['reuseport', 'reuseaddr'])
    expect(complete(me, 'watch', '--protocol', '=')).toEqual(['tcp', 'udp'])
    expect(complete(me, 'watch', '--protocol', '=', 't')).toEqual(['tcp'])
    expect(complete(me, 'groups', '--port', '')).toEqual([])
    expect(complete(me, 'completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']))
  })
})

test.runIf(installed('fish'))('fish completes', () => {
  const asked = (line: string) =>
    spawnSync('fish', ['--no-config', '-c', `${script('fish')}\ncomplete -C '${line}'`], { encoding: 'utf8' })
      .stdout.split('\n')
      .map((one) => one.split('\t')[0])
  expect(asked('reuseport-inspector gro')).toContain('groups')
  expect(asked('reuseport-inspector groups --sharing reuse')).toEqual(
    expect.arrayContaining(['reuseport', 'reuseaddr']),
  )
})

test.runIf(installed('zsh'))('zsh loads its script as a completion function', () => {
  const loaded = spawnSync(
    'zsh',
    ['-f', '-c', `autoload -U compinit && compinit -D -u && source /dev/stdin && print $_comps[reuseport-inspector]`],
    {
      input: script('zsh'),
      encoding: 'utf8',
    },
  )
  expect(loaded).toMatchObject({ status: 0, stdout: '_reuseport-inspector\n', stderr: '' })
})
