import { type Alert, processor, type RuleSet, type RuleSettings, ruleSettings } from '#millrace'
import { testDriver } from '#millrace/testing'
import { type Authorization, card } from '../../../functions/fraud/card.ts'
import { device } from '../../../functions/fraud/device.ts'
import { authorizations, ruleAlerts } from '../../../functions/topics.ts'

let made = 0

/** An ordinary payment; the tables say what is special of theirs. */
export const payment = (given: Partial<Authorization>): Authorization => ({
  id: `payment-${made++}`,
  cardId: 'card',
  deviceId: 'device',
  amount: 20,
  merchant: 'Harbour Books',
  country: 'DE',
  latitude: 53.55,
  longitude: 9.99,
  approved: true,
  at: 0,
  ...given,
})

/** What one rule alone says of the payments of a card, in order. `last`: offset of the payment that completed it. */
export async function saidOf(
  rule: Parameters<typeof card.set>[0][number],
  payments: readonly Partial<Authorization>[],
  document: RuleSettings = {},
) {
  return summaries(card.set([rule], 'arrival'), payments, { document })
}

/** What one rule alone says of the payments of a device, in order. */
export async function saidOfDevice(
  rule: Parameters<typeof device.set>[0][number],
  payments: readonly Partial<Authorization>[],
) {
  return summaries(device.set([rule], 'arrival'), payments, { keyOf: (payment) => payment.deviceId })
}

async function summaries(
  rules: RuleSet<Authorization>,
  payments: readonly Partial<Authorization>[],
  { document = {}, keyOf }: { document?: RuleSettings; keyOf?: (payment: Authorization) => string },
) {
  const settings = ruleSettings('settings', [rules])
  const from = processor('rule').from(authorizations)
  const keyed = keyOf === undefined ? from.keyBy() : from.keyBy(keyOf)
  const driver = testDriver([keyed.rules(rules, { settings }).to(ruleAlerts), settings.processor])
  await driver.pipe(settings.changes, { name: settings.name, document }, { timestamp: 0 })
  for (const each of payments) await driver.pipe(authorizations, payment(each))
  await driver.closeWindows()
  return (await driver.output(ruleAlerts)).map(({ value }) => summary(value!))
}

const summary = (alert: Pick<Alert, 'compared' | 'events'>) => ({
  last: alert.events.at(-1)!.offset,
  compared: alert.compared.map(({ what, value, relation, threshold }) => `${what}: ${value} ${relation} ${threshold}`),
})
