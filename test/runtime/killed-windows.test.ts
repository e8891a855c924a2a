import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  calendar,
  collect,
  count,
  everyRecords,
  global,
  hopping,
  lastRecords,
  minutes,
  type Processor,
  processor,
  seconds,
  session,
  sliding,
  topic,
  tumbling,
  unlimited,
} from '#millrace'
import { written } from '../replay/replay.ts'
import { Rig } from './rig.ts'

const START = Date.UTC(2026, 2, 28, 22, 30)
const events = topic('events', {
  schema: z.object({ id: z.number(), user: z.string(), at: z.number() }),
  key: ({ user }) => user,
  time: ({ at }) => at,
  partitions: 1,
})
const results = topic('results', {
  schema: z.object({ key: z.string(), window: z.object({ start: z.number(), end: z.number() }), count: z.number() }),
  key: ({ key, window }) => [key, window.start, window.end],
  keyFormat: 'json',
  partitions: 1,
})
const from = () => processor('p').from(events).keyBy()
const spec = { count: count(), ids: collect(50, (event: { id: number }) => event.id) }

const kinds: Record<string, Processor> = {
  tumbling: from()
    .window(tumbling(minutes(5)).grace(seconds(30)))
    .aggregate(spec)
    .to(results),
  hopping: from()
    .window(hopping(minutes(5), { advance: minutes(2) }).grace(seconds(30)))
    .aggregate(spec)
    .to(results),
  'hopping, early and final': from()
    .window(hopping(minutes(5), { advance: minutes(2) }).grace(seconds(30)))
    .aggregate(spec)
    .emit('final', { early: minutes(1) })
    .to(results),
  sliding: from()
    .window(sliding(minutes(5)).grace(seconds(30)))
    .aggregate(spec)
    .to(results),
  session: from()
    .window(session({ gap: minutes(4) }).grace(seconds(30)))
    .aggregate(spec)
    .to(results),
  'session, updates': from()
    .window(session({ gap: minutes(4) }).grace(seconds(30)))
    .aggregate(spec)
    .emit('updates')
    .to(results),
  calendar: from()
    .window(calendar('day', { timeZone: 'Europe/Berlin' }).grace(seconds(30)))
    .aggregate(spec)
    .to(results),
  unlimited: from()
    .window(unlimited({ from: START }))
    .aggregate(spec)
    .emit('updates', { every: minutes(2) })
    .to(results),
  everyRecords: from()
    .window(everyRecords(3, { within: minutes(10) }))
    .aggregate(spec)
    .to(results),
  lastRecords: from()
    .window(lastRecords(3, { every: 2 }))
    .aggregate(spec)
    .to(results),
  global: from()
    .window(global({ afterRecords: 3, every: minutes(10) }))
    .aggregate(spec)
    .to(results),
}

// Minutes; two users; out of order, some of it too late, and a jump over everything that is open.
const times = [0, 1, 3, 2, 4.2, 9, 6, 8.5, 15, 3, 30.5, 29, 31, 55, 54, 90, 91, 89.6]
const records = times.map((at, id) => ({ id, user: id % 3 === 0 ? 'b' : 'a', at: START + at * 60_000 }))
const BATCH = 3

class Killed extends Error {}

/** Takes everything in batches, each by a new function; `dies` says after how many calls of a port the function dies, once. */
async function run(made: Processor, dies: { atCall: number; behind: boolean } | undefined) {
  const rig = await Rig.of([made], { settings: { ring: 8, buckets: 2 } })
  for (const record of records) rig.append('events', 0, record.user, record)
  let calls = 0
  const mortal =
    <Args extends unknown[], T>(work: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      const isLast = dies !== undefined && ++calls === dies.atCall
      if (isLast && !dies.behind) throw new Killed()
      const done = await work(...args)
      if (isLast) throw new Killed()
      return done
    }
  const environment = () =>
    rig.environment('p', ({ journal, topics }) => ({
      journal: { ...journal, put: mortal(journal.put), read: mortal(journal.read) },
      topics: { ...topics, append: mortal(topics.append) },
    }))
  const invoke = async (event: Parameters<ReturnType<typeof environment>>[0]) => {
    const attempt = () => environment()(event)
    const { partitions } = await attempt().catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error
      return attempt()
    })
    return partitions[0]!.totals
  }
  for (let at = 0; at < records.length; at += BATCH) {
    await invoke(await rig.batch('p', 0, at, at + BATCH))
    await rig.commit('p', 0, at + BATCH)
  }
  const counts = await invoke({ millrace: 'close-windows' })
  return { outputs: (await written(rig, 'results'))[0]!, counts, calls }
}

describe('a function that dies at any call and comes up again', () => {
  it.each(Object.entries(kinds))('%s: puts out the same, in the same order, and counts the same', async (_, made) => {
    const { outputs, counts } = await run(made, undefined)
    expect(outputs.length).toBeGreaterThan(2)
    expect(counts).toMatchObject({ read: records.length, parked: 0 })
    const { calls } = await run(made, { atCall: -1, behind: false })
    expect(calls).toBeGreaterThan(20)
    for (let atCall = 1; atCall <= calls; atCall++)
      for (const behind of [false, true]) {
        const survived = await run(made, { atCall, behind })
        expect({ atCall, behind, outputs: survived.outputs }).toEqual({ atCall, behind, outputs })
        expect(survived.counts).toEqual(counts)
      }
  })
})
