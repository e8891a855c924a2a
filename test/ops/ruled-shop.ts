import * as z from 'zod'
import { type Alert, above, count, processor, profile, type RuleSettings, recent, ruleSettings, topic } from '#millrace'
import { settingsApply, settingsRollback } from '../../ops/commands/settings-change.ts'
import { settingsShow } from '../../ops/commands/settings-show.ts'
import type { Difference } from '../../ops/settings/differences.ts'
import type { SettingsVersion } from '../../shared/processor/settings.ts'
import type { ParkedRecord } from '../../shared/runtime/parking.ts'
import { Rig } from '../runtime/rig.ts'
import { memoryTarget } from './memory-target.ts'

export const START = 1_800_000_000_000

const payments = topic('payments', {
  schema: z.object({ card: z.string(), amount: z.number() }),
  key: (payment) => payment.card,
  partitions: 1,
})
const alerts = topic('alerts', { schema: z.custom<Alert<string>>(), partitions: 1 })
const dear = topic('dear', { schema: payments.schema, partitions: 1 })
const card = profile<{ amount: number }>()({ lately: recent({ upTo: 10 }, { count: count() }) })

export const large = card.rule('large', {
  parameters: z.strictObject({ most: z.number() }),
  initial: { most: 100 },
  when: ({ event, parameters }) => above('amount', event.amount, parameters.most),
})
export const many = card.rule('many', {
  parameters: z.strictObject({ within: z.int().positive().max(10), most: z.int().default(5) }),
  initial: { within: 10, most: 5 },
  when: ({ seen, parameters }) => above('payments', seen.lately(parameters.within).count, parameters.most),
})
const rules = card.set([large, many], 'arrival')
const settings = ruleSettings('limits', [rules])
const ruled = processor('ruled').from(payments).keyBy().rules(rules, { settings }).to(alerts)
const unruled = processor('unruled')
  .from(payments)
  .filter(({ amount }) => amount > 9)
  .to(dear)

export interface Shown {
  readonly inForce: SettingsVersion | null
  readonly kept: readonly SettingsVersion[]
  readonly waiting: number
  readonly refused: string | null
}

export interface Changed {
  readonly before: number
  readonly version: number
  readonly changes: readonly Difference[]
  readonly waiting: number
  readonly sent: boolean
}

/** Rules with settings that are called `limits`, and an operator; each change is a second after the one before. */
export async function ruledShop() {
  const rig = await Rig.of([ruled, unruled, settings.processor], { nowMs: START, settings: { ring: 8, buckets: 2 } })
  const target = memoryTarget(rig)
  const options = (yes: boolean, note?: string) => {
    rig.nowMs += 1_000
    return { note, yes, nowMs: rig.nowMs }
  }
  let taken = 0
  return {
    rig,
    target,
    apply: async (document: unknown, note?: string) =>
      settingsApply(target, rig.plan, 'ruled', document, options(true, note)),
    tryOut: async (document: unknown) =>
      (await settingsApply(target, rig.plan, 'ruled', document, options(false))).json as Changed,
    rollback: async (version: number, note?: string) =>
      settingsRollback(target, rig.plan, 'ruled', version, options(true, note)),
    show: async () => (await settingsShow(target, rig.plan, 'ruled', 20)).json as Shown,
    /** By hand, as a record. */
    send: (change: object) =>
      target.topics.append('limits', 0, [
        { key: 'limits', value: JSON.stringify({ name: 'limits', ...change }), headers: {}, timestampMs: rig.nowMs },
      ]),
    sent: async () => (await rig.broker.endOffsets('limits'))[0],
    /** The processor of the settings takes what waits. */
    run: async () => {
      const from = taken
      taken = (await rig.broker.endOffsets('limits'))[0]!
      if (taken > from) await rig.environment('limits')(await rig.batch('limits', 0, from))
    },
    parked: () => rig.read<ParkedRecord>('millrace-parked'),
  }
}

/** Payments above this make an alert. */
export const most = (amount: number): RuleSettings => ({ rules: { large: { parameters: { most: amount } } } })
