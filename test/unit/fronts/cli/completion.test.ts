import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, type TestContext, test } from 'vitest'
import { completionScript, describe as describeProgram, shells } from '../../../../electron/fronts/cli/completion.ts'
import { buildProgram } from '../../../../electron/fronts/cli/program.ts'
import { aContext } from '../../../doubles/cli-context.ts'
import { CONDITION_MS } from '../../../support/timeouts.ts'

const program = buildProgram(aContext())
const script = (shell: (typeof shells)[number]) => completionScript(shell, describeProgram(program))
function needs(context: TestContext, shell: string): void {
  if (spawnSync(shell, ['-c', ':']).status !== 0) context.skip(`needs ${shell} (.ci/run installs it)`)
}

const folder = mkdtempSync(join(tmpdir(), 'completion-'))
afterAll(() => rmSync(folder, { recursive: true }))
const scriptFile = (shell: (typeof shells)[number]) => {
  const path = join(folder, `_reuseport-inspector.${shell}`)
  writeFileSync(path, script(shell))
  return path
}

test.for(shells)('%s can parse its script', (shell, context) => {
  needs(context, shell)
  const check = spawnSync(shell, ['-n', scriptFile(shell)], { encoding: 'utf8' })
  expect(check).toMatchObject({ status: 0, stderr: '' })
})

describe('bash completes', () => {
  const complete = (...words: string[]) => {
    const asked = `
      reuseport-inspector() { [[ $* == ids ]] && printf '3fa9c1d2\\ttcp4 0.0.0.0:443\\nbae246de\\tudp4 [::]:53\\n'; }
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

  test('subcommands, and then their own options and values', () => {
    expect(complete(me, 'lab', '')).toEqual(['listen', 'traffic', 'run', 'stop', 'list', '-h', '--help'])
    expect(complete(me, 'lab', 'run', 's')).toEqual(['slow-worker', 'steering'])
    expect(complete(me, 'lab', 'listen', 's')).toEqual([])
    expect(complete(me, 'lab', 'listen', '--li')).toEqual(['--listeners'])
    expect(complete(me, 'lab', 'list', '--li')).toEqual([])
    expect(complete(me, 'lab', 'listen', '--protocol', '')).toEqual(['tcp', 'udp'])
  })

  test('the ids of existing groups', () => {
    expect(complete(me, 'show', '3f')).toEqual(['3fa9c1d2'])
    expect(complete(me, 'balance', '')).toEqual(expect.arrayContaining(['3fa9c1d2', 'bae246de', '--json']))
    expect(complete(me, 'groups', '3f')).toEqual([])
    expect(complete(me, 'show', '--netns', '')).toEqual([])
    expect(complete(me, 'show', '--json', 'ba')).toEqual(['bae246de'])
  })

  test('values of an option, after a space and after an equals sign', () => {
    expect(complete(me, 'groups', '--sharing', 'reuse')).toEqual(['reuseport', 'reuseaddr'])
    expect(complete(me, 'watch', '--protocol', '=')).toEqual(['tcp', 'udp'])
    expect(complete(me, 'watch', '--protocol', '=', 't')).toEqual(['tcp'])
    expect(complete(me, 'groups', '--port', '')).toEqual([])
    expect(complete(me, 'completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']))
  })
})

test('fish completes', (context) => {
  needs(context, 'fish')
  const groups = String.raw`function reuseport-inspector; printf '3fa9c1d2\ttcp4 0.0.0.0:443\n'; end`
  const asked = (line: string) =>
    spawnSync('fish', ['--no-config', '-c', `${script('fish')}\n${groups}\ncomplete -C '${line}'`], {
      encoding: 'utf8',
    })
      .stdout.split('\n')
      .map((one) => one.split('\t')[0])
  expect(asked('reuseport-inspector gro')).toContain('groups')
  expect(asked('reuseport-inspector show 3f')).toContain('3fa9c1d2')
  expect(asked('reuseport-inspector lab s')).toEqual(['stop', ''])
  expect(asked('reuseport-inspector lab run s')).toEqual(['slow-worker', 'steering', ''])
  expect(asked('reuseport-inspector lab listen s')).not.toContain('steering')
  expect(asked('reuseport-inspector export /etc/host')).toContain('/etc/hosts')
  expect(asked('reuseport-inspector groups --sharing reuse')).toEqual(
    expect.arrayContaining(['reuseport', 'reuseaddr']),
  )
})

test('zsh loads its script as a completion function', (context) => {
  needs(context, 'zsh')
  const asked = `autoload -U compinit && compinit -D -u && source ${scriptFile('zsh')} && print $_comps[reuseport-inspector]`
  const loaded = spawnSync('zsh', ['-f', '-c', asked], { encoding: 'utf8' })
  expect(loaded).toMatchObject({ status: 0, stdout: '_reuseport-inspector\n', stderr: '' })
})

// zsh completes only on a terminal: zsh/zpty gives it one, and TAB twice lists what there is.
test('zsh completes', (context) => {
  needs(context, 'zsh')
  const asked = `
    zmodload zsh/zpty
    zpty -b shell 'TERM=dumb zsh -f -i'
    zpty -w shell 'PS1=; unsetopt zle_bracketed_paste; autoload -U compinit; compinit -D -u; source ${scriptFile('zsh')}; print rea''dy'
    zpty -r shell seen '*ready*' || exit 1
    zpty -w -n shell $'reuseport-inspector groups --sharing inh\t'
    zpty -r shell seen '*inherited*' && print -r -- completed
    zpty -w -n shell $'\\x15reuseport-inspector lab st\t'
    zpty -r shell seen '*lab st*op *' && print -r -- completed
    zpty -w -n shell $'\\x15reuseport-inspector lab run slo\t'
    zpty -r shell seen '*run slow-worker*' && print -r -- completed
    zpty -w -n shell $'\\x15reuseport-inspector() { printf "3fa9c1d2\\\\ttcp4 0.0.0.0:443\\\\n" }\\nreuseport-inspector show 3f\\t'
    zpty -r shell seen '*show 3fa9c1d2*' && print -r -- completed
    zpty -d shell`
  const { stdout } = spawnSync('zsh', ['-f', '-c', asked], { encoding: 'utf8', timeout: CONDITION_MS })
  expect(stdout).toBe('completed\n'.repeat(4))
})
