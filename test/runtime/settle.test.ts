import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { count, minutes, processor, seconds, topic, tumbling } from '#millrace'
import { Rig } from './rig.ts'

const payments = topic('payments', {
  schema: z.object({ card: z.string(), at: z.number() }),
  key: (payment) => payment.card,
  time: (payment) => payment.at,
  partitions: 2,
})
const totals = topic('totals', { schema: z.object({ key: z.string(), count: z.number() }), partitions: 1 })
const spend = processor('spend')
  .from(payments)
  .keyBy()
  .window(tumbling(minutes(1)).grace(seconds(0)))
  .aggregate({ count: count() })
  .to(totals)

/** Two payments of a card, the second of which closes the window of the first; partition 1 stays empty. */
async function stoppedBeforePublishing(): Promise<Rig> {
  const rig = await Rig.of([spend])
  rig.append('payments', 0, 'a', { card: 'a', at: 0 }, { card: 'a', at: minutes(2) })
  const killed = rig.environment('spend', ({ topics }) => ({
    topics: { ...topics, append: () => Promise.reject(new Error('killed')) },
  }))
  await expect(killed(await rig.batch('spend', 0))).rejects.toThrow('killed')
  return rig
}

describe('settle', () => {
  it('publishes what an invocation committed and died before publishing', async () => {
    const rig = await stoppedBeforePublishing()
    expect(await rig.read('totals')).toEqual([])
    await rig.environment('spend')({ millrace: 'settle' })
    expect(await rig.read('totals')).toMatchObject([{ key: 'a', count: 1 }])
  })

  it('says what stands in the journal of each partition, and moves nothing', async () => {
    const rig = await stoppedBeforePublishing()
    const environment = rig.environment('spend')
    const report = await environment({ millrace: 'settle' })
    expect(report).toMatchObject({
      kind: 'settle',
      partitions: [
        { partition: 0, seq: 1, commits: 0, offset: 1, openTimers: 1, totals: { read: 2, counted: 2, emitted: 1 } },
        { partition: 1, seq: 0, commits: 0, offset: -1, openTimers: 0, totals: { read: 0 } },
      ],
    })
    expect(await environment({ millrace: 'settle' })).toEqual(report)
  })

  it('publishes nothing again that this environment knows to be out', async () => {
    const rig = await stoppedBeforePublishing()
    const environment = rig.environment('spend')
    for (let n = 0; n < 3; n++) await environment({ millrace: 'settle' })
    expect(await rig.read('totals')).toHaveLength(1)
  })
})
