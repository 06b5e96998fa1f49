/** The page in Chromium with an engine controlled by the test: states that real sockets cannot produce on demand. */
import type { Browser, Page } from 'playwright-core'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { EngineDouble } from '../doubles/engine.ts'
import { groupRow, manyGroupRows, withQueue } from '../doubles/group-rows.ts'
import { exampleMachine } from '../doubles/machine.ts'
import { type PageServer, servePage } from '../doubles/page-server.ts'
import {
  noteWhetherShown,
  type OpenPage,
  openPage,
  type PageOptions,
  pressUnlessGone,
  sharedBrowser,
  typeCommand,
  violations,
} from './support/browser.ts'

let browser: Browser
let engine: EngineDouble
let server: PageServer
let page: Page
let open: OpenPage

beforeAll(async () => {
  browser = await sharedBrowser()
})

async function start(given: EngineDouble, options: PageOptions = {}) {
  engine = given
  server = await servePage(engine)
  open = await openPage(browser, server.url, options)
  page = open.page
}

afterEach(async () => {
  await open.close()
  server.close()
  expect(open.complaints).toEqual([])
})

const rows = () => page.getByRole('grid', { name: 'Groups' }).locator('[role="rowgroup"] [role="row"]')
const row = (text: string) => rows().filter({ hasText: text })
const filterBox = () => page.getByRole('combobox', { name: 'Filter' })

/** Waits until the result of `read` is as expected. */
const eventually = <Value>(read: () => Value) => expect.poll(read)

const tryNow = () => pressUnlessGone(page, 'Try now')

describe('content', () => {
  test('trouble comes first, with its reason', async () => {
    await start(exampleMachine())
    await eventually(() => rows().count()).toBeGreaterThan(20)
    await expect
      .poll(() => rows().first().innerText())
      .toMatch(/443[\s\S]*queue full[\s\S]*16[\s\S]*nginx[\s\S]*512[\s\S]*\/ 511[\s\S]*38/)
    await expect
      .poll(() => page.getByRole('region', { name: 'Verdict' }).innerText())
      .toContain(
        'One group is in trouble. 0.0.0.0:443 tcp: member 7 of 16 is full, dropping 38 connections per second.',
      )
    await expect
      .poll(() => page.getByRole('contentinfo').innerText())
      .toMatch(
        /183 sockets: 136 in 22 groups, 47 unshared[\s\S]*2 namespaces[\s\S]*11 ms[\s\S]*Owners of 12 sockets are hidden/,
      )
  })

  test('the verdict follows the row of its example, also where no count changes', async () => {
    await start(exampleMachine())
    const verdict = () => page.getByRole('region', { name: 'Verdict' }).innerText()
    await eventually(verdict).toContain('dropping 38 connections per second')
    const [troubled] = engine.rows().filter(({ port, dropsPerSecond }) => port === 443 && dropsPerSecond === 38)
    if (!troubled) throw new Error('no group on port 443 that drops')
    for (const rate of [104, 50, 7]) {
      engine.put({ ...troubled, dropsPerSecond: rate })
      await eventually(verdict).toContain(`dropping ${rate} connections per second`)
    }
  })

  test('unknown values are shown as unknown', async () => {
    const limitless = groupRow({
      port: 9,
      dropsPerSecond: null,
      drops: null,
      fullest: null,
      owners: [],
      ownersHidden: 4,
      user: null,
      uid: 7,
    })
    await start(new EngineDouble())
    engine.put(limitless)
    await eventually(() => row(':9').locator('.widgets_unknown:visible').count()).toBe(3)
    await expect.poll(() => row(':9').innerText()).toContain('uid 7')
  })

  test('a group is marked as new, changes, and is marked as removed before it disappears', async () => {
    await start(exampleMachine())
    await eventually(() => rows().count()).toBeGreaterThan(20)
    const added = groupRow({ port: 3002, owners: [{ command: 'bun', processes: 4, service: null }] })
    const mark = (name: string) => noteWhetherShown(page, `[role="row"][id$="${added.id}"] [aria-label="${name}"]`)
    const [wasNew, wasRemoved] = [await mark('new'), await mark('removed')]
    engine.put(added)
    await row(':3002').locator('[aria-label="nothing wrong"]').waitFor()
    engine.put(withQueue(added, 2, 512))
    await row(':3002').getByText('queue full').waitFor()
    await expect
      .poll(() => page.getByRole('region', { name: 'Verdict' }).innerText())
      .toContain('2 groups are in trouble')
    engine.remove(added.id)
    await row(':3002').waitFor({ state: 'detached' })
    expect([await wasNew(), await wasRemoved()]).toEqual([true, true])
  })

  test('nothing moves unless it changed', async () => {
    await start(exampleMachine())
    await eventually(() => rows().count()).toBeGreaterThan(20)
    const order = () =>
      rows().evaluateAll((all) => all.map((one) => [one.id, one.getAttribute('aria-rowindex')].join()))
    const before = await order()
    const calm = engine.rows().find(({ port }) => port === 25)
    if (!calm) throw new Error('no group on port 25')
    engine.put(withQueue(calm, 0, 3))
    await eventually(() => row(':25').innerText()).toContain('3')
    await expect.poll(() => order()).toEqual(before)
  })

  test('changes before a row is rendered do not flash', async () => {
    await start(exampleMachine())
    await eventually(() => rows().count()).toBeGreaterThan(20)
    const calm = engine.rows().find(({ port }) => port === 25)
    if (!calm) throw new Error('no group on port 25')
    // The class stays when the flash has ended.
    const flashed = () =>
      row(':25')
        .locator('[role="gridcell"]')
        .evaluateAll((cells) => cells.flatMap(({ classList }) => [...classList].filter((name) => /changed/.test(name))))
    engine.put(withQueue(calm, 0, 3))
    await eventually(flashed).toEqual(['group-row_changedOdd'])
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByRole('heading', { name: 'Settings' }).waitFor()
    await page.getByRole('link', { name: 'Groups' }).click()
    await row(':25').getByText('3', { exact: true }).waitFor()
    expect(await flashed()).toEqual([])
    engine.put(withQueue(calm, 0, 60))
    await eventually(flashed).toEqual(['group-row_changedEven'])
  })

  test('names from processes are text, never markup', async () => {
    await start(new EngineDouble())
    engine.put(groupRow({ owners: [{ command: '<img src=x onerror=alert(1)>', processes: 1, service: null }] }))
    await eventually(() => rows().first().innerText()).toContain('<img src=x')
    await expect.poll(() => page.locator('[role="grid"] img').count()).toBe(0)
  })

  test('ten thousand groups: only visible ones are rendered, all can be reached', async () => {
    await start(new EngineDouble())
    engine.put(...manyGroupRows(10_000))
    const grid = page.getByRole('grid', { name: 'Groups' })
    await eventually(() => grid.getAttribute('aria-rowcount')).toBe('10001')
    await expect.poll(() => rows().count()).toBeLessThan(60)
    await grid.focus()
    await page.keyboard.press('End')
    await eventually(() => page.locator('[aria-rowindex="10001"]').count()).toBe(1)
    await expect.poll(() => page.locator('[aria-rowindex="10001"]').getAttribute('aria-selected')).toBe('true')
  })
})

describe('by keyboard alone', () => {
  test('filter, select, open, come back', async () => {
    await start(exampleMachine())
    await eventually(() => rows().count()).toBeGreaterThan(20)
    await page.keyboard.press('/')
    await page.keyboard.type('proto:tc')
    await page.getByRole('option', { name: /proto:tcp4/ }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Tab')
    await page.getByRole('button', { name: /Remove proto:tcp/ }).waitFor()
    await page.keyboard.type('haproxy')
    await eventually(() => rows().count()).toBe(1)
    await expect.poll(() => page.locator('.states_rest').innerText()).toContain('21 groups do not match')
    await page.keyboard.press('Enter')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForURL(/#\/group\/[0-9a-f]{16}$/)
    await page.goBack()
    await eventually(() => rows().count()).toBe(1)
    await eventually(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('grid')
    await page.keyboard.press('Escape')
    await eventually(() => rows().count()).toBeGreaterThan(20)
  })

  test('one Escape closes the commands, whatever was typed', async () => {
    await start(exampleMachine())
    await typeCommand(page, 'dark')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  test('pause, refresh, help, commands', async () => {
    await start(exampleMachine())
    await eventually(() => rows().count()).toBeGreaterThan(20)
    await page.keyboard.press('Space')
    await page.getByRole('button', { name: 'Resume' }).waitFor()
    expect(engine.paused).toBe(true)
    await page.keyboard.press('Space')
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Help' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await typeCommand(page, 'dark')
    await page.keyboard.press('Enter')
    await eventually(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark')
    await eventually(() => engine.settings.theme).toBe('dark')
    await typeCommand(page, '3478')
    await page.keyboard.press('Enter')
    await page.waitForURL(/#\/port\/3478/)
    // Its group is next.
    await typeCommand(page, '3478')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForURL(/#\/group\//)
  })

  test('every control can be reached with Tab, with a visible focus', async () => {
    await start(exampleMachine())
    await eventually(() => rows().count()).toBeGreaterThan(20)
    const reached = new Set<string>()
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Tab')
      const focus = await page.evaluate(() => {
        const one = document.activeElement
        if (!one || one === document.body) return null
        const ring = one.closest('.filter-box_filter, .choices_switch, [role="grid"]') ?? one
        const style = getComputedStyle(ring)
        const selected = ring.querySelector('.group-row_selected')
        const seen =
          style.outlineStyle !== 'none' || (selected !== null && getComputedStyle(selected).boxShadow !== 'none')
        return {
          name: one.getAttribute('aria-label') ?? one.closest('label')?.textContent ?? one.textContent ?? '',
          role: one.getAttribute('role'),
          seen,
        }
      })
      if (!focus) continue
      expect(focus, `focus on ${focus.name}`).toMatchObject({ seen: true })
      reached.add(focus.role === 'grid' ? 'grid' : focus.name.trim())
    }
    const all = [...reached].join('\n')
    for (const name of [
      'All namespaces',
      'Filter',
      'Pause',
      'Refresh interval',
      'Groups',
      'Settings',
      'Help',
      '443',
      'Unshared sockets',
      'Endpoint',
      'grid',
    ]) {
      expect(all).toContain(name)
    }
  })

  test('the sort order is stored in the settings', async () => {
    await start(exampleMachine())
    await eventually(() => rows().count()).toBeGreaterThan(20)
    const head = page.getByRole('columnheader', { name: 'Members' })
    await head.getByRole('button').focus()
    await page.keyboard.press('Enter')
    await eventually(() => head.getAttribute('aria-sort')).toBe('descending')
    await expect.poll(() => rows().first().locator('[data-column="members"]').innerText()).toBe('16')
    await eventually(() => engine.settings.sort).toEqual({ column: 'members', descending: true })
  })
})

describe('the filter', () => {
  test('Tab leaves what was typed as it is', async () => {
    await start(exampleMachine())
    await filterBox().fill('u')
    await page.getByRole('option').first().waitFor()
    await page.keyboard.press('Tab')
    await page.getByRole('button', { name: 'Remove u' }).waitFor()
    await expect.poll(() => filterBox().evaluate((input) => input === document.activeElement)).toBe(false)
  })

  test('reports an invalid term, which restricts nothing', async () => {
    await start(exampleMachine())
    await eventually(() => rows().count()).toBeGreaterThan(20)
    await filterBox().fill('port:99999')
    await filterBox().press('Space')
    const error = page.getByText(/“99999” is not a port/)
    await error.waitFor()
    const box = await page.locator('.filter-box_filter').boundingBox()
    const shown = await error.boundingBox()
    // Inside the box: it covers nothing.
    expect((shown?.y ?? 0) + (shown?.height ?? 0)).toBeLessThanOrEqual((box?.y ?? 0) + (box?.height ?? 0))
    await expect.poll(() => filterBox().getAttribute('aria-invalid')).toBe('true')
    await expect.poll(() => rows().count()).toBeGreaterThan(20)
  })

  test('the chosen namespace is a term of it', async () => {
    await start(exampleMachine())
    await page.getByRole('button', { name: /All namespaces/ }).click()
    await page.getByRole('menuitemradio', { name: /cni-7c1e02b4/ }).click()
    await page.getByRole('button', { name: 'Remove netns:cni-7c1e02b4' }).waitFor()
    await eventually(() => rows().count()).toBe(1)
  })

  test('is restored after a reload', async () => {
    await start(exampleMachine())
    await eventually(() => rows().count()).toBeGreaterThan(20)
    await filterBox().fill('owner:envoy ')
    await eventually(() => engine.settings.filter).toBe('owner:envoy ')
    await page.reload()
    await page.getByRole('button', { name: 'Remove owner:envoy' }).waitFor()
    await eventually(() => rows().count()).toBe(2)
  })
})

describe('errors and empty states', () => {
  test('no groups: says so, and offers unshared sockets', async () => {
    await start(new EngineDouble())
    engine.put(
      groupRow({ port: 22, sharing: 'none', receiving: 1, owners: [{ command: 'sshd', processes: 1, service: null }] }),
    )
    await page.getByRole('heading', { name: 'No shared ports' }).waitFor()
    await page.getByRole('button', { name: 'Show unshared sockets' }).click()
    await eventually(() => row(':22').innerText()).toContain('unshared')
    await eventually(() => engine.settings.unsharedSockets).toBe(true)
  })

  test('slow: shows the progress, then the groups', async () => {
    const late = exampleMachine()
    late.stopAnswering()
    await start(late)
    await page.getByRole('progressbar', { name: 'Reading' }).waitFor()
    late.resume()
    await eventually(() => rows().count()).toBeGreaterThan(20)
  })

  test('the connection is lost: the data stays, grayed out and dated; it reconnects by itself and keeps what was typed', async () => {
    await start(exampleMachine())
    await eventually(() => rows().count()).toBeGreaterThan(20)
    await filterBox().fill('nginx')
    server.refuse()
    server.cut()
    const banner = page.getByRole('alert')
    await banner.getByText(/edge-07 has not answered since \d\d:\d\d:\d\d/).waitFor()
    await banner.getByText(/This link has expired/).waitFor()
    await expect.poll(() => rows().count()).toBe(4)
    await page.locator('.groups-screen_groups[data-stale]').waitFor()
    server.allow()
    await eventually(async () => {
      await tryNow()
      return banner.count()
    }).toBe(0)
    await expect.poll(() => rows().count()).toBe(4)
    await filterBox().blur()
    await page.getByRole('button', { name: 'Remove nginx' }).waitFor()
    await expect.poll(() => page.locator('.group-row_new').count()).toBe(0)
  })

  test('permissions, opened while disconnected, says so and loads when the engine is back', async () => {
    await start(exampleMachine())
    await eventually(() => rows().count()).toBeGreaterThan(20)
    server.refuse()
    server.cut()
    await page.getByRole('alert').waitFor()
    await page.evaluate(() => {
      window.location.hash = '#/permissions'
    })
    const away = page.getByRole('region', { name: 'The engine cannot be reached' })
    await away.getByText(/This link has expired/).waitFor()
    server.allow()
    await eventually(async () => {
      await tryNow()
      return away.count()
    }).toBe(0)
    await page.getByText('The engine runs as').waitFor()
  })

  test('settings changed while disconnected apply, and are stored when the engine is back', async () => {
    await start(exampleMachine())
    await eventually(() => rows().count()).toBeGreaterThan(20)
    server.refuse()
    server.cut()
    await page.getByRole('alert').waitFor()
    await typeCommand(page, 'dark')
    await page.keyboard.press('Enter')
    await eventually(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark')
    expect(engine.settings.theme).toBe('system')
    server.allow()
    await eventually(async () => {
      await tryNow()
      return engine.settings.theme
    }).toBe('dark')
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark')
  })

  test('a connected but silent engine is dropped, and found again', async () => {
    await start(exampleMachine())
    await eventually(() => rows().count()).toBeGreaterThan(20)
    engine.stopAnswering()
    engine.put()
    await page
      .getByRole('alert')
      .getByText(/took too long/)
      .waitFor()
    engine.resume()
    await page.getByRole('alert').waitFor({ state: 'detached' })
  })

  test('the token is missing: says what to do', async () => {
    await start(exampleMachine())
    // Another browser: a tab of this one would be given the token.
    const other = await openPage(browser, server.url.replace(/#.*/, ''))
    await other.page.getByText(/open the address that serve printed last/).waitFor()
    await other.close()
  })

  test('the token is removed from the URL', async () => {
    await start(exampleMachine())
    await eventually(() => page.url()).not.toContain('token')
  })

  test('the kernel denies access: request, error, what to do', async () => {
    const refused = exampleMachine()
    refused.refusal = {
      code: 'FORBIDDEN',
      problem: {
        operation: 'every TCP and UDP socket',
        cause: 'the kernel refused (EPERM)',
        hint: 'Leave the sandbox.',
      },
    }
    await start(refused)
    await page.getByRole('heading', { name: 'The kernel denies access to this user' }).waitFor()
    await expect
      .poll(() => page.locator('.pane_pane').innerText())
      .toMatch(/every TCP and UDP socket[\s\S]*EPERM[\s\S]*Leave the sandbox/)
    refused.refusal = null
    await pressUnlessGone(page, 'Try again')
    await eventually(() => rows().count()).toBeGreaterThan(20)
  })

  test('an incomplete refresh is reported above the data, which stays', async () => {
    await start(exampleMachine())
    await eventually(() => rows().count()).toBeGreaterThan(20)
    engine.problem = {
      operation: 'all sockets of namespace web',
      cause: 'an answer cut short (MSG_TRUNC)',
      hint: null,
    }
    engine.put()
    await page.getByText(/all sockets of namespace web/).waitFor()
    await expect.poll(() => rows().count()).toBeGreaterThan(20)
    engine.problem = null
    engine.put()
    await page.getByText(/all sockets of namespace web/).waitFor({ state: 'detached' })
  })

  test('the disk is full: the setting applies, with an error that it is not stored', async () => {
    await start(exampleMachine())
    await eventually(() => rows().count()).toBeGreaterThan(20)
    engine.diskFull = true
    await page.getByRole('switch', { name: /Unshared sockets/ }).click({ force: true })
    await page.getByText(/the disk is full/).waitFor()
    await expect.poll(() => page.getByRole('switch', { name: /Unshared sockets/ }).isChecked()).toBe(true)
  })
})

describe('window sizes', () => {
  test.each([
    ['1024 by 640', { width: 1024, height: 640 }],
    ['1280 by 800 at 200 %', { width: 640, height: 400 }],
    ['4K', { width: 3840, height: 2160 }],
  ])('%s: nothing is lost', async (_, viewport) => {
    await start(exampleMachine(), viewport)
    await eventually(() => rows().count()).toBeGreaterThan(0)
    const outside = await page.evaluate(() => {
      const wide = document.documentElement.scrollWidth > window.innerWidth
      const cut = [
        ...document.querySelectorAll(
          'header button, header input, nav a, nav button, .verdict-line_verdict p, .choices_switch, footer a',
        ),
      ].filter((one) => {
        const { left, right, top, bottom, width } = one.getBoundingClientRect()
        return width === 0 || left < -1 || top < -1 || right > window.innerWidth + 1 || bottom > window.innerHeight + 1
      })
      return { wide, cut: cut.map((one) => one.outerHTML.slice(0, 120)) }
    })
    expect(outside).toEqual({ wide: false, cut: [] })
    expect(await violations(page)).toEqual([])
    // Every column is visible, or can be scrolled to.
    await page.getByRole('columnheader', { name: /Drops/ }).scrollIntoViewIfNeeded()
    await expect.poll(() => page.getByRole('columnheader', { name: /Drops/ }).isVisible()).toBe(true)
  })
})
