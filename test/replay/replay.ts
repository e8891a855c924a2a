import { addCounts, type Counts, zeroCounts } from '../../shared/engine/counts.ts'
import type { JournalStore } from '../../shared/journal/store.ts'
import { IDENTITY_HEADER } from '../../shared/runtime/identity.ts'
import { between, mulberry32, type Random } from '../reference/random.ts'
import type { Rig } from '../runtime/rig.ts'

const BATCH_MAX = 500
const COLD_SHARE = 0.1
const KILLED_SHARE = 0.1

/**
 * Lets the stage read all of its source and close its windows: in batches of any size, partitions by turns, while
 * functions are started anew, killed before or behind a commit, and given again what they have taken already.
 * @returns what became of the records, and how often a function was killed
 */
export async function replay(rig: Rig, id: string, seed: number): Promise<{ counts: Counts; kills: number }> {
  const random = mulberry32(seed)
  const { source } = rig.stage(id)
  const ends = await rig.broker.endOffsets(source.name)
  const next = ends.map(() => 0)
  let kills = 0
  let invoke = environment()
  while (next.some((from, partition) => from < ends[partition]!)) {
    const partition = between(random, 0, ends.length - 1)
    const isAgain = random() < COLD_SHARE
    if (isAgain) invoke = environment()
    const from = Math.max(0, next[partition]! - (isAgain ? between(random, 0, BATCH_MAX) : 0))
    const to = Math.max(next[partition]!, from + between(random, 1, BATCH_MAX))
    const batch = await rig.batch(id, partition, from, to)
    await untilDone(() => invoke(batch))
    next[partition] = Math.min(to, ends[partition]!)
    await rig.commit(id, partition, next[partition]!)
  }
  const { partitions } = await untilDone(() => invoke({ millrace: 'close-windows' }))
  return { counts: partitions.reduce((sum, { totals }) => addCounts(sum, totals), zeroCounts()), kills }

  function environment() {
    return rig.environment(id, ({ journal }) => ({ journal: mortal(journal, random) }))
  }
  async function untilDone<T>(work: () => Promise<T>): Promise<T> {
    for (;;)
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof Killed)) throw error
        kills++
        invoke = environment()
      }
  }
}

class Killed extends Error {}

/** Now and then a put ends it, before or behind the write. Whoever holds it is to be thrown away then. */
function mortal(store: JournalStore, random: Random): JournalStore {
  return {
    ...store,
    async put(item, condition) {
      const fate = random()
      if (fate < KILLED_SHARE / 2) throw new Killed()
      const outcome = await store.put(item, condition)
      if (fate < KILLED_SHARE) throw new Killed()
      return outcome
    },
  }
}

/** What stands in the partitions of a topic, each identity once, as its readers take it. */
export async function written(rig: Rig, topic: string): Promise<{ key: string; value: unknown; timeMs: number }[][]> {
  const { partitions } = (await rig.broker.describe(topic))!
  const all = { maxRecords: 10_000_000, maxBytes: 10_000_000_000 }
  return Promise.all(
    Array.from({ length: partitions }, async (_, partition) => {
      const seen = new Set<string>()
      const records = await rig.broker.fetch(topic, partition, 0, all)
      return records.flatMap(({ key, value, headers, timestampMs }) => {
        const [, bytes] = headers.find(([name]) => name === IDENTITY_HEADER)!
        const identity = Buffer.from(bytes).toString('latin1')
        if (seen.has(identity)) return []
        seen.add(identity)
        const parsed: unknown = value === null ? null : JSON.parse(Buffer.from(value).toString())
        return [{ key: Buffer.from(key!).toString(), value: parsed, timeMs: timestampMs }]
      })
    }),
  )
}
