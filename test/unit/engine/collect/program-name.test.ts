import { describe, expect, it } from 'vitest'
import { isGenericName, programName } from '../../../../electron/engine/collect/program-name.ts'

describe('the name of a program', () => {
  const name = (
    comm: string,
    commandLine: string[] | null,
    executable: string | null = null,
    parent: string | null = null,
  ) => programName({ comm, executable, commandLine, parent })

  it.each([
    ['MainThread', ['node', 'server.js'], '/usr/bin/node', 'node'],
    ['MainThread', ['/opt/node/bin/node'], null, 'node'],
    ['cache-main', ['/usr/sbin/varnishd', '-F'], '/usr/sbin/varnishd (deleted)', 'varnishd'],
    ['python3', ['python3', '-m', 'uvicorn', 'app:app'], '/usr/bin/python3.11', 'uvicorn'],
    ['python3', ['python3', '-u', '-m', 'http.server'], null, 'http'],
    ['nsd: server 1', ['/usr/sbin/nsd', '-d'], '/usr/sbin/nsd', 'nsd'],
    ['nsd: main', ['/usr/sbin/nsd'], null, 'nsd'],
    ['perl', ['perl', '-x', '/usr/share/h2o/start_server', '--', 'h2o'], '/usr/bin/perl', 'start_server'],
    ['python3.11', ['/usr/bin/python3.11', '/srv/app.py', '--port', '80'], null, 'app.py'],
  ])('%s %j', (comm, commandLine, executable, expected) => {
    expect(isGenericName(comm)).toBe(true)
    expect(name(comm, commandLine, executable)).toBe(expected)
  })
  it("is its parent's where multiprocessing spawned it", () => {
    const spawned = ['/usr/bin/python3', '-c', 'from multiprocessing.spawn import spawn_main; spawn_main(…)']
    expect(name('python3', spawned, null, 'uvicorn')).toBe('uvicorn')
    expect(name('python3', spawned, null, null)).toBe('python3')
  })
  it('remains what the kernel reports where nothing else is readable', () => {
    expect(name('MainThread', null)).toBe('MainThread')
    expect(name('python3', null)).toBe('python3')
    expect(name('nsd: main', null)).toBe('nsd: main')
    expect(name('nsd: main', ['other'])).toBe('nsd: main')
    expect(name('python3', ['python3', '-c', 'print()'])).toBe('python3')
    expect(name('python3', ['python3'])).toBe('python3')
  })
  it('is no longer than a comm can be', () => {
    expect(name('python3', ['python3', `/srv/${'x'.repeat(400)}`])).toHaveLength(15)
  })
  it.each(['nginx', 'gunicorn', 'node', 'pythonista', 'systemd-resolve'])('%s is a name already', (comm) => {
    expect(isGenericName(comm)).toBe(false)
  })
})
