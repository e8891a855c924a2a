import { beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { count, processor, seconds, table, topic } from '#millrace'
import { Rig } from './rig.ts'

const clicks = topic('clicks', {
  schema: z.object({ user: z.string(), at: z.number() }),
  key: (click) => click.user,
  time: (click) => click.at,
  partitions: 2,
})
const latest = processor('latest').from(clicks).to(table('latest'))
const perUser = processor('per-user')
  .from(clicks)
  .keyBy()
  .aggregate({ count: count() })
  .emit('updates', { every: seconds(1) })
  .to(table('per-user'))

let rig: Rig
const ROWS_LOGGED = 'rows of another lane'

beforeEach(async () => {
  rig = await Rig.of([latest, perUser])
  // A producer that does not go by the key.
  for (const partition of [0, 1])
    rig.append('clicks', partition, 'u', { user: 'u', at: 1 + partition }, { user: 'u', at: 5_000 })
})

it.each(['latest', 'per-user'])(
  'a row of %s that two partitions write stays with the first, and that is told',
  async (id) => {
    const environment = rig.environment(id)
    await environment(await rig.batch(id, 0))
    const [row] = rig.tables.rows(id)
    expect(row).toMatchObject({ key: 'u', lane: `${id}.1.0` })
    expect(rig.logged).not.toContain(ROWS_LOGGED)
    await environment(await rig.batch(id, 1))
    expect(rig.tables.rows(id)).toEqual([row])
    expect(rig.logged).toContain(ROWS_LOGGED)
  },
)

it('a repeat of a row is not told', async () => {
  for (let n = 0; n < 2; n++) await rig.environment('latest')(await rig.batch('latest', 0))
  expect(rig.tables.rows('latest')).toHaveLength(1)
  expect(rig.logged).not.toContain(ROWS_LOGGED)
})

it('a stage without a state that writes rows parks a record whose key is not the topic’s', async () => {
  rig.append('clicks', 0, 'v', { user: 'u', at: 7 })
  const report = await rig.environment('latest')(await rig.batch('latest', 0))
  expect(report.partitions[0]!.counts).toMatchObject({ read: 3, counted: 2, parked: 1 })
  expect(await rig.read('millrace-parked')).toMatchObject([{ reason: 'KEY_MISMATCH', offset: 2 }])
})
