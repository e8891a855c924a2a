import { beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { type Alert, above, count, processor, profile, type RuleSettings, recent, ruleSettings, topic } from '#millrace'
import { type CommitShown, journalShow } from '../../ops/commands/journal-show.ts'
import type { Target } from '../../ops/target.ts'
import { SETTINGS_AGE_MAX_MS } from '../../shared/runtime/settings-reader.ts'
import { Rig } from './rig.ts'

const payments = topic('payments', {
  schema: z.object({ card: z.string(), amount: z.number(), at: z.number() }),
  key: (payment) => payment.card,
  time: (payment) => payment.at,
  partitions: 1,
})
const alerts = topic('alerts', { schema: z.custom<Alert<string>>(), partitions: 1 })
const card = profile<{ amount: number }>()({ lately: recent({ upTo: 10 }, { count: count() }) })
const large = card.rule('large', {
  parameters: z.strictObject({ most: z.number() }),
  initial: { most: 100 },
  when: ({ event, parameters }) => above('amount', event.amount, parameters.most),
})
const rules = card.set([large], 'arrival')
const settings = ruleSettings('rule-settings', [rules])
const ruled = processor('ruled').from(payments).keyBy().rules(rules, { settings }).to(alerts)

/** Below this, a payment makes no alert. */
const most = (amount: number): RuleSettings => ({ rules: { large: { parameters: { most: amount } } } })

describe('the settings of a batch', () => {
  let rig: Rig
  let inTable: { version: number; document: unknown } | undefined
  let reads: number
  let taken: number

  beforeEach(async () => {
    rig = await Rig.of([ruled, settings.processor], { nowMs: 1_000_000 })
    rig.append('payments', 0, 'c', ...Array.from({ length: 9 }, (_, at) => ({ card: 'c', amount: 50, at })))
    inTable = undefined
    reads = 0
    taken = 0
  })

  const environment = () => {
    const read = async () => {
      reads++
      return inTable && JSON.stringify({ name: settings.name, ...inTable })
    }
    return rig.environment('ruled', () => ({ rows: { read } }))
  }
  const next = async (invoke: ReturnType<typeof environment>) => {
    await invoke(await rig.batch('ruled', 0, taken, taken + 1))
    taken++
  }
  const versions = async () => (await rig.read<Alert>('alerts')).map(({ version }) => version)
  /** By the commits that hold events. */
  const committed = async () => {
    const { json } = await journalShow({ journal: rig.store } as unknown as Target, rig.stage('ruled'), 0, 9)
    return (json as CommitShown[]).filter(({ offset }) => offset >= 0).map((commit) => commit.settings)
  }

  it('are read with its first batch, and again when they are ten seconds old', async () => {
    const warm = environment()
    inTable = { version: 1, document: most(40) }
    await next(warm)
    inTable = { version: 2, document: most(60) }
    rig.nowMs += SETTINGS_AGE_MAX_MS - 1
    await next(warm)
    expect([await versions(), reads]).toEqual([[1, 1], 1])
    rig.nowMs += 1
    await next(warm)
    expect([await versions(), reads]).toEqual([[1, 1], 2])
    expect(SETTINGS_AGE_MAX_MS).toBe(10_000)
  })

  it('are in its commit, so that it is known later what a verdict was made with', async () => {
    await next(environment())
    inTable = { version: 7, document: most(40) }
    await next(environment())
    expect([await versions(), await committed()]).toEqual([[7], [undefined, 7]])
  })

  it('never go back in one environment, whatever the table says', async () => {
    const warm = environment()
    inTable = { version: 2, document: most(60) }
    await next(warm)
    inTable = { version: 1, document: most(40) }
    rig.nowMs += SETTINGS_AGE_MAX_MS
    await next(warm)
    expect([await versions(), await committed()]).toEqual([[], [2, 2]])
  })

  it('stay in force where their row is gone, until there is one again', async () => {
    const warm = environment()
    inTable = { version: 2, document: most(40) }
    await next(warm)
    inTable = undefined
    rig.nowMs += SETTINGS_AGE_MAX_MS
    await next(warm)
    expect([await versions(), await committed(), rig.logged]).toEqual([[2, 2], [2, 2], ['settings row missing']])
    inTable = { version: 3, document: most(60) }
    rig.nowMs += SETTINGS_AGE_MAX_MS
    await next(warm)
    expect(await committed()).toEqual([2, 2, 3])
  })

  it('must fit the code: until they do, it fails and comes again', async () => {
    const warm = environment()
    inTable = { version: 1, document: { rules: { gone: {} } } }
    await expect(next(warm)).rejects.toThrow(/SETTINGS_INVALID.*"gone"/)
    inTable = { version: 2, document: most(40) }
    await next(warm)
    expect([await versions(), await rig.read('millrace-parked')]).toEqual([[2], []])
  })
})
