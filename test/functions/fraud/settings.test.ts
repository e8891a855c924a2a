import { describe, expect, it } from 'vitest'
import { hours, type RuleSettings } from '#millrace'
import { testDriver } from '#millrace/testing'
import { cardRulesProcessor } from '../../../functions/card-rules.ts'
import { fraudSettings } from '../../../functions/fraud-settings.ts'
import { authorizations, ruleAlerts, shadowAlerts } from '../../../functions/topics.ts'
import { payment } from './rule-fixture.ts'

const { name, changes, versions, table } = fraudSettings

/** Card rules with their settings; payments are seconds apart, so that each is its own moment. */
function run() {
  const driver = testDriver([fraudSettings.processor, cardRulesProcessor])
  let seconds = 0
  const at = () => ++seconds * 1_000
  return {
    driver,
    set: (document: RuleSettings) => driver.pipe(changes, { name, document }, { timestamp: at() }),
    rollBack: (version: number) => driver.pipe(changes, { name, rollBackTo: version }, { timestamp: at() }),
    pay: async (...amounts: number[]) => {
      for (const amount of amounts) await driver.pipe(authorizations, payment({ amount, at: at() }), { partition: 0 })
      // Ten seconds of grace: what was paid before is judged now.
      seconds += 20
      await driver.pipe(authorizations, payment({ cardId: 'another', merchant: 'Metro Fuel', at: at() }), {
        partition: 0,
      })
    },
    alerts: async (topic = ruleAlerts) =>
      (await driver.output(topic)).map(({ value }) => `${value!.rule} v${value!.version}`),
  }
}

const smallThenLarge = [5, 5, 5, 1_500]

describe('settings of the rules', () => {
  it('are those of the declaration until some are given', async () => {
    const { pay, alerts } = run()
    await pay(...smallThenLarge)
    expect(await alerts()).toEqual(['small-then-large v0'])
  })

  it('change a threshold while the rules run, and alerts name the version', async () => {
    const { set, pay, alerts } = run()
    const parameters = { small: 100, large: 2_000, times: 3, withinMs: 300_000 }
    await set({ rules: { 'small-then-large': { parameters } } })
    await pay(...smallThenLarge)
    await pay(5, 5, 5, 2_500)
    expect(await alerts()).toEqual(['small-then-large v1'])
  })

  it('switch a rule off and on again', async () => {
    const { set, pay, alerts } = run()
    await set({ rules: { 'small-then-large': { on: false } } })
    await pay(...smallThenLarge)
    await set({})
    await pay(...smallThenLarge)
    expect(await alerts()).toEqual(['small-then-large v2'])
  })

  it('put a rule on trial: its alerts go to the shadow topic only', async () => {
    const { set, pay, alerts } = run()
    await set({ rules: { 'small-then-large': { shadow: true } } })
    await pay(...smallThenLarge)
    expect(await alerts()).toEqual([])
    expect(await alerts(shadowAlerts)).toEqual(['small-then-large v1'])
  })

  it('hold lists that rules ask', async () => {
    const { set, pay, alerts, driver } = run()
    await pay(20)
    await set({ lists: { 'blocked-merchants': ['Harbour Books'] } })
    await pay(20)
    expect(await alerts()).toEqual(['blocked-merchant v1'])
    expect((await driver.output(ruleAlerts))[0]!.value!.compared).toEqual([
      { what: 'merchant', value: 'Harbour Books', relation: 'in', threshold: 'blocked-merchants' },
    ])
  })

  it('go back to any version, as a new version of the old document', async () => {
    const { set, rollBack, driver } = run()
    await set({ lists: { a: ['1'] } })
    await set({ lists: { a: ['2'] } })
    await rollBack(1)
    expect(
      (await driver.output(versions)).map(({ key, value }) => [key, value!.document, value!.rolledBackTo]),
    ).toEqual([
      ['fraud-settings@1', { lists: { a: ['1'] } }, null],
      ['fraud-settings@2', { lists: { a: ['2'] } }, null],
      ['fraud-settings@3', { lists: { a: ['1'] } }, 1],
    ])
    expect(driver.rows(table).map(({ key, value }) => [key, value!.version])).toEqual([['fraud-settings', 3]])
  })

  it.each([
    { problem: 'a rule that is not', document: { rules: { typo: {} } } },
    { problem: 'a parameter that is not', document: { rules: { 'velocity-count': { parameters: { most: 3 } } } } },
    {
      problem: 'a look further back than is kept',
      document: { rules: { 'many-cards': { parameters: { withinMs: hours(24) + 1, most: 4 } } } },
    },
    { problem: 'a list that is none', document: { lists: { a: 'b' } } },
    { problem: 'a word for a switch', document: { rules: { 'velocity-count': { on: 'yes' } } } },
    { problem: 'an unknown part', document: { rule: {} } },
  ])('refuse $problem: the change is parked, nothing else happens', async ({ document }) => {
    const { set, driver } = run()
    await set(document as RuleSettings)
    expect((await driver.parked()).map(({ reason }) => reason)).toEqual(['SETTINGS_INVALID'])
    expect(await driver.output(versions)).toEqual([])
  })

  it('refuse to go back to a version that never was', async () => {
    const { rollBack, driver } = run()
    await rollBack(7)
    expect((await driver.parked()).map(({ reason }) => reason)).toEqual(['SETTINGS_INVALID'])
  })
})
