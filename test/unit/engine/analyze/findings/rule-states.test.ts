import { expect, test } from 'vitest'
import type { ListedRule, Verdict } from '../../../../../electron/engine/analyze/findings/rule.ts'
import { RuleStates } from '../../../../../electron/engine/analyze/findings/rule-states.ts'

const ID = '00000000000000aa'
const rule: ListedRule = {
  code: 'near-group-limit',
  trigger: 'structure',
  debounce: { hits: 2, of: 2, clearAfter: 2 },
  examine: () => null,
}
const verdict = (severity: Verdict['severity']): Verdict => ({
  severity,
  members: [],
  summary: [],
  evidence: [],
  explanation: [],
  advice: [],
})

/** The action of each examination, one per slot. */
function actions(states: RuleStates, verdicts: (Verdict | null)[], from = 1) {
  return verdicts.map((said, at) => states.update(rule, ID, said, from + at).action)
}

test('raises after enough hits, and clears after enough misses', () => {
  const states = new RuleStates()
  const warning = verdict('warning')
  expect(actions(states, [warning, warning, warning, null, null])).toEqual(['none', 'raise', 'raise', 'none', 'clear'])
  expect(states.of(ID)).toBeUndefined()
})

test('forgets a rule without a verdict, and one that had a single hit', () => {
  const states = new RuleStates()
  expect(states.update(rule, ID, verdict('warning'), 1).unsettled).toBe(true)
  expect([...(states.of(ID)?.keys() ?? [])]).toEqual([rule.code])
  actions(states, [null, null], 2)
  expect(states.of(ID)).toBeUndefined()
})

test('is settled while it stays raised with one severity', () => {
  const states = new RuleStates()
  actions(states, [verdict('critical'), verdict('critical')])
  expect(states.of(ID)?.get(rule.code)?.unsettled).toBe(false)
  const milder = states.update(rule, ID, verdict('warning'), 3)
  expect(milder).toMatchObject({ action: 'raise', standing: { severity: 'critical' }, unsettled: true })
  expect(states.update(rule, ID, verdict('warning'), 4).standing?.severity).toBe('warning')
})

test('a removed group may have had any of its codes raised', () => {
  const states = new RuleStates()
  actions(states, [verdict('warning')])
  expect(states.forget(ID)).toEqual([rule.code])
  expect(states.forget(ID)).toEqual([])
})

test('what the first look finds is raised at once where the rule says so, and later looks need their hits', () => {
  const first: ListedRule = { ...rule, debounce: { hits: 2, of: 3, clearAfter: 3, firstLook: true } }
  const states = new RuleStates()
  const said = [verdict('warning'), null, null, null, verdict('warning'), verdict('warning')]
  const act = said.map((verdict, at) => states.update(first, ID, verdict, 1 + at).action)
  expect(act).toEqual(['raise', 'none', 'none', 'clear', 'none', 'raise'])
  expect(new RuleStates().update(first, ID, verdict('warning'), 2).action).toBe('none')
})
