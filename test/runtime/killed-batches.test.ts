import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { count, processor, seconds, table, topic } from '#millrace'
import type { KafkaEvent } from '../../shared/runtime/kafka-event.ts'
import { Rig } from './rig.ts'

const START = 1_800_000_000_000
const TIMEOUT_MS = 10_000
const LONG_MS = 3 * TIMEOUT_MS
const PARTITIONS = 3
const RECORDS = 4

const clicks = topic('clicks', {
  schema: z.object({ user: z.string(), at: z.number(), deadly: z.boolean() }),
  key: (click) => click.user,
  time: (click) => click.at,
  partitions: PARTITIONS,
})

/** A function whose death is noticed: from then on nothing that it does is answered. */
class Mortal {
  dies = (): void => {}
  readonly perUser = processor('per-user', { timeout: TIMEOUT_MS })
    .from(clicks)
    .filter(({ deadly }) => {
      if (deadly) this.dies()
      return true
    })
    .keyBy()
    .aggregate({ count: count() })
    .emit('updates', { every: seconds(1) })
    .to(table('per-user'))

  /** One invocation of a new environment. @returns false when it died */
  async survives(rig: Rig, event: KafkaEvent): Promise<boolean> {
    let dead = false
    const death = new Promise<false>((resolve) => {
      this.dies = () => {
        dead = true
        resolve(false)
      }
    })
    const unlessDead = <T>(work: () => Promise<T>): Promise<T> => (dead ? new Promise<never>(() => {}) : work())
    const environment = rig.environment('per-user', ({ journal, topics }) => ({
      journal: {
        ...journal,
        read: (keys) => unlessDead(() => journal.read(keys)),
        put: (item, condition) => unlessDead(() => journal.put(item, condition)),
      },
      topics: { ...topics, append: (...args) => unlessDead(() => topics.append(...args)) },
    }))
    return Promise.race([environment(event).then(() => true), death])
  }
}

async function batchOf(rig: Rig): Promise<KafkaEvent> {
  const parts = await Promise.all(
    Array.from({ length: PARTITIONS }, (_, partition) => rig.batch('per-user', partition)),
  )
  return { eventSource: 'aws:kafka', records: Object.assign({}, ...parts.map(({ records }) => records)) }
}

const places = fc.uniqueArray(fc.tuple(fc.nat(PARTITIONS - 1), fc.nat(RECORDS - 1)), {
  maxLength: 4,
  selector: ([partition, offset]) => `${partition}/${offset}`,
})

it('exactly the records that kill the function are parked, whatever partitions they share a batch with', async () => {
  await fc.assert(
    fc.asyncProperty(places, fc.boolean(), async (deadly, isNew) => {
      const mortal = new Mortal()
      const rig = await Rig.of([mortal.perUser], { nowMs: START })
      for (let partition = 0; partition < PARTITIONS; partition++)
        for (let offset = 0; offset < RECORDS; offset++) {
          const kills = deadly.some(([p, o]) => p === partition && o === offset)
          rig.append('clicks', partition, 'u', { user: 'u', at: START + offset, deadly: kills })
          // What is committed before tells a partition that has worked from one that never has.
          if (offset === 0 && !isNew && !kills)
            await rig.environment('per-user')(await rig.batch('per-user', partition))
        }
      rig.nowMs += LONG_MS
      const event = await batchOf(rig)
      for (let invocations = 1; !(await mortal.survives(rig, event)); invocations++) {
        // To find it: in its batch, then the first alone, then from itself on, twice alone.
        expect(invocations).toBeLessThan(6 * deadly.length + 1)
        // Whatever was committed on the way is long ago when the next death has been waited for.
        rig.nowMs += LONG_MS
      }
      const parked = await rig.read<{ partition: number; offset: number; reason: string }>('millrace-parked')
      const places = new Set(parked.map(({ partition, offset, reason }) => `${partition}/${offset} ${reason}`))
      expect(places).toEqual(new Set(deadly.map(([p, o]) => `${p}/${o} KILLED_FUNCTION`)))
      const { partitions } = await rig.environment('per-user')(event)
      const counted = partitions.reduce((sum, { totals }) => sum + totals.counted, 0)
      expect(counted).toBe(PARTITIONS * RECORDS - deadly.length)
    }),
    { numRuns: 100, seed: 1 },
  )
})
