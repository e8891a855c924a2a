import { expect, it } from 'vitest'
import { z } from 'zod'
import { hours, processor, topic } from '#millrace'
import { testDriver } from '#millrace/testing'

const payment = z.object({ id: z.string(), card: z.string(), device: z.string(), at: z.number() })
const payments = topic('payments', {
  schema: payment,
  key: (each) => each.card,
  time: (each) => each.at,
  partitions: 2,
})
const found = topic('found', { schema: z.object({ ids: z.array(z.string()) }), partitions: 1 })

const pairs = processor('pairs')
  .from(payments)
  .keyBy((each) => each.device)
  .detect(
    (p) =>
      p
        .order('arrival')
        .begin('a', (each) => each.id === 'a')
        .followedBy('b', (each) => each.id === 'b')
        .within(hours(1)),
    (match) => ({ ids: match.all().map(({ value }) => value.id) }),
  )
  .to(found)

it('a match behind a re-key whose time has not begun has the time of the record that completes it', async () => {
  const driver = testDriver(pairs)
  // Nothing has been heard of partition 1 yet: there is no stream time.
  await driver.pipe(payments, { id: 'a', card: 'c', device: 'd', at: 1_000 }, { partition: 0 })
  await driver.pipe(payments, { id: 'b', card: 'c', device: 'd', at: 2_000 }, { partition: 0 })
  expect(await driver.parked()).toEqual([])
  expect(await driver.output(found)).toMatchObject([{ value: { ids: ['a', 'b'] }, timestamp: 2_000 }])
})
