/** The real Prometheus scrapes the real program, and promtool checks the published rules. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { firstLine } from '../support/first-line.ts'
import { eventually } from './support/conditions.ts'
import { root } from './support/engine.ts'
import { needsProgram } from './support/program.ts'
import { startSocketMaker } from './support/socket-maker.ts'
import { startTerminal } from './support/terminal.ts'

const folder = mkdtempSync(join(tmpdir(), 'rpi-prometheus-'))
afterAll(() => rmSync(folder, { recursive: true }))
const token = 'a-token-of-more-than-16-characters'

test('promtool accepts the alert rules', (context) => {
  needsProgram(context, 'promtool')
  const { status, stdout } = spawnSync('promtool', ['check', 'rules', join(root, 'assets/prometheus/alerts.yml')])
  expect(`${status} ${stdout}`).toMatch(/^0 .*SUCCESS: 9 rules found/s)
})

test('every metric in the dashboard and the rules is exported', () => {
  const given = readFileSync(join(root, 'electron/engine/snapshots/exports/prometheus.ts'), 'utf8')
  for (const file of ['assets/grafana/dashboard.json', 'assets/prometheus/alerts.yml']) {
    const names = readFileSync(join(root, file), 'utf8').match(/\breuseport_[a-z_]+/g) ?? []
    expect(names.length).toBeGreaterThan(5)
    for (const name of names) expect(given).toContain(`'${name}'`)
  }
})

test('Prometheus scrapes it', async (context) => {
  needsProgram(context, 'prometheus')
  writeFileSync(join(folder, 'token'), `${token}\n`, { mode: 0o600 })
  const flags = ['serve', '--metrics', '--metrics-token-file', join(folder, 'token'), '--json']
  const served = startTerminal(flags)
  let prometheus: ChildProcess | undefined
  try {
    const { url } = JSON.parse(await firstLine(served.child.stdout)) as { url: string }
    const { host } = new URL(url)
    const scrape = (headers: Record<string, string>) => fetch(`http://${host}/metrics`, { headers })
    expect((await scrape({})).status).toBe(401)
    expect((await scrape({ authorization: 'Bearer wrong' })).status).toBe(401)
    expect((await scrape({ authorization: `Bearer ${new URL(url).hash.slice('#token='.length)}` })).status).toBe(401)
    const right = await scrape({ authorization: `Bearer ${token}` })
    expect(right.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(await right.text()).toMatch(/^reuseport_groups \d+$/m)

    // A member added after the first scrape counts as joined.
    await using maker = await startSocketMaker()
    const spec = { protocol: 'tcp' as const, address: '127.0.0.1', options: ['reuseport' as const], backlog: 9 }
    const made = await maker.openTogether({ ...spec, count: 3 })
    const port = made[0]?.port ?? 0
    await maker.openTogether({ protocol: 'udp', address: '127.0.0.1', options: ['reuseport'], count: 2 })

    copyFileSync(join(root, 'assets/prometheus/alerts.yml'), join(folder, 'alerts.yml'))
    const configuration = readFileSync(join(root, 'assets/prometheus/prometheus.yml'), 'utf8')
      .replace('127.0.0.1:9464', host)
      .replace('scrape_interval: 15s', 'scrape_interval: 1s')
      .replaceAll('/etc/reuseport-inspector/token', join(folder, 'token'))
    writeFileSync(join(folder, 'prometheus.yml'), configuration)
    const scraping = spawn(
      'setpriv',
      [
        '--pdeathsig=TERM',
        'prometheus',
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        // It chooses a port, and logs it.
        '--web.listen-address=127.0.0.1:0',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    prometheus = scraping
    const [listen] = /127\.0\.0\.1:\d+$/.exec(await firstLine(scraping.stderr, /"Listening on"/)) ?? []
    type Answer = { data: { result: { metric: Record<string, string>; value: [number, string] }[] } }
    const query = async (expression: string) => {
      const address = `http://${listen}/api/v1/query?query=${encodeURIComponent(expression)}`
      const answer = (await (await fetch(address)).json()) as Answer
      return answer.data.result
    }
    const sample = (expression: string) =>
      eventually(`Prometheus has ${expression}`, async () => (await query(expression).catch(() => []))[0])

    const endpoint = `127.0.0.1:${port}`
    const members = await sample(`reuseport_group_members{endpoint="${endpoint}"}`)
    expect(members).toMatchObject({
      metric: { protocol: 'tcp', netns: expect.any(String) },
      value: [expect.anything(), '3'],
    })
    expect((await sample(`reuseport_group_accept_queue_limit_connections{endpoint="${endpoint}"}`)).value[1]).toBe('27')
    // Owners come with the next scan of the processes.
    const info = await sample(`reuseport_group_info{endpoint="${endpoint}", owners="socket-maker"}`)
    expect(info.metric).toMatchObject({ sharing: 'reuseport', evidence: 'co-listening' })
    // A loss, counted by the kernel, arrives as a counter.
    await maker.fill({ protocol: 'tcp', address: '127.0.0.1', port, count: 60, stuck: 60 })
    await sample(`reuseport_group_drops_total{endpoint="${endpoint}"} > 0`)
    expect((await sample(`reuseport_group_queue_max_utilization_ratio{endpoint="${endpoint}"} >= 1`)).value[1]).toMatch(
      /^1/,
    )
    // A member's drops stay counted when it leaves, and its replacement is counted, without a scrape in between.
    const value = async (name: string) => Number((await sample(`${name}{endpoint="${endpoint}"}`)).value[1])
    expect(await value('reuseport_group_members_joined_total')).toBe(3)
    const dropped = await value('reuseport_group_drops_total')
    expect(dropped).toBeGreaterThan(0)
    await maker.close(...made.slice(0, 2))
    await maker.open({ ...spec, port, count: 2 })
    await sample(`reuseport_group_members_joined_total{endpoint="${endpoint}"} == 5`)
    await sample(`reuseport_group_members_left_total{endpoint="${endpoint}"} == 2`)
    expect(await value('reuseport_group_members')).toBe(3)
    expect(await value('reuseport_group_drops_total')).toBeGreaterThanOrEqual(dropped)
    // Findings are counted by the engine, not by scrapes.
    await sample(`reuseport_group_findings_raised_total{endpoint="${endpoint}",code="queue-overflowing"} > 0`)
    // Every query of the dashboard returns data.
    const { panels } = JSON.parse(readFileSync(join(root, 'assets/grafana/dashboard.json'), 'utf8')) as {
      panels: { title: string; targets: { expr: string }[] }[]
    }
    const lost = "Members lost, compared with the hour's maximum"
    for (const { title, targets } of panels) {
      for (const { expr } of targets) {
        const expression = expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '4s')
        if (title === lost) expect(await query(expression)).toEqual([])
        else await sample(expression)
      }
    }
    const rules = (await (await fetch(`http://${listen}/api/v1/rules`)).json()) as {
      data: { groups: { rules: { name: string; lastError?: string }[] }[] }
    }
    expect(rules.data.groups[0]?.rules.map(({ name }) => name)).toContain('ReuseportMemberFull')
  } finally {
    const ended = new Promise((resolve) =>
      prometheus === undefined ? resolve(null) : prometheus.once('close', resolve),
    )
    prometheus?.kill('SIGTERM')
    served.child.kill('SIGTERM')
    await Promise.all([ended, served.finished])
  }
})
