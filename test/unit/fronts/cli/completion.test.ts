import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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
    const line = words.join(' ')
    const asked = `
      reuseport-inspector() {
        case $* in
          'values groups') printf ':443\\ttcp4\\n:53\\tudp4\\ntcp6:[::]:8443\\ttcp6\\n3fa9c1d2\\ttcp4\\nbae246de\\tudp4\\n' ;;
          'values netns') printf 'blue\\tinode 1\\n$(touch %s)\\tinode 2\\n' '${folder}/ran' ;;
          'values codes') printf 'member-stalled\\tstalled\\n' ;;
          'values filter') printf 'unit:\\tsystemd unit\\nport:\\ta port\\n' ;;
        esac
      }
      COMP_LINE='${line}' COMP_POINT=${line.length}
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
    expect(complete(me, 'show', '--json', 'ba')).toEqual(['bae246de'])
  })

  test('endpoints, of which bash replaces what follows the last colon', () => {
    expect(complete(me, 'show', ':4')).toEqual(['443'])
    expect(complete(me, 'balance', 'tcp6:')).toEqual(['\\[::\\]:8443'])
  })

  test('what the machine has, without running it', () => {
    expect(complete(me, 'show', '--netns', 'b')).toEqual(['blue'])
    expect(complete(me, 'show', '--netns', '$')).toEqual([])
    expect(complete(me, 'groups', '--netns', '')).toHaveLength(2)
    expect(existsSync(join(folder, 'ran'))).toBe(false)
    expect(complete(me, 'findings', '--ignore=mem')).toEqual(['member-stalled'])
    expect(complete(me, 'groups', '--filter', 'un')).toEqual(['unit:'])
  })

  test('files and this machine', () => {
    expect(complete(me, 'diff', 'n')).toEqual(['now'])
    expect(complete(me, 'events', '--from', '')).toEqual([])
  })

  test('values of an option, after a space and after an equals sign', () => {
    expect(complete(me, 'groups', '--sharing', 'reuse')).toEqual(['reuseport', 'reuseaddr'])
    expect(complete(me, 'watch', '--protocol=')).toEqual(['tcp', 'udp'])
    expect(complete(me, 'watch', '--protocol=t')).toEqual(['tcp'])
    expect(complete(me, 'groups', '--port', '')).toEqual([])
    expect(complete(me, 'completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']))
  })
})

test('fish completes', (context) => {
  needs(context, 'fish')
  const groups = String.raw`function reuseport-inspector
    test "$argv" = 'values groups'; and printf ':443\ttcp4, 4 members\n3fa9c1d2\ttcp4 0.0.0.0:443\n'
    test "$argv" = 'values codes'; and printf 'member-stalled\tstalled\n'
  end`
  const asked = (line: string) =>
    spawnSync('fish', ['--no-config', '-c', `${script('fish')}\n${groups}\ncomplete -C '${line}'`], {
      encoding: 'utf8',
    })
      .stdout.split('\n')
      .map((one) => one.split('\t')[0])
  expect(asked('reuseport-inspector gro')).toContain('groups')
  expect(asked('reuseport-inspector show 3f')).toContain('3fa9c1d2')
  expect(asked('reuseport-inspector show :4')).toContain(':443')
  expect(asked('reuseport-inspector findings --code mem')).toContain('member-stalled')
  expect(asked('reuseport-inspector events --from /etc/host')).toContain('/etc/hosts')
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
    zpty -w -n shell $'\\x15reuseport-inspector() { printf "3fa9c1d2\\\\ttcp4 0.0.0.0:443\\\\n:8443\\\\ttcp4\\\\n" }\\nreuseport-inspector show 3f\\t'
    zpty -r shell seen '*show 3fa9c1d2*' && print -r -- completed
    zpty -w -n shell $'\\x15reuseport-inspector show :84\\t'
    zpty -r shell seen '*show :8443*' && print -r -- completed
    zpty -w -n shell $'\\x15reuseport-inspector groups --netns :84\\t'
    zpty -r shell seen '*netns :8443*' && print -r -- completed
    zpty -d shell`
  const { stdout } = spawnSync('zsh', ['-f', '-c', asked], { encoding: 'utf8', timeout: CONDITION_MS })
  expect(stdout).toBe('completed\n'.repeat(6))
})
