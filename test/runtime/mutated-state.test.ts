import { expect, it } from 'vitest'
import { z } from 'zod'
import { custom, processor, topic } from '#millrace'
import { Rig } from './rig.ts'

const orders = topic('orders', {
  schema: z.object({ card: z.string(), n: z.number(), at: z.number() }),
  key: (order) => order.card,
  time: (order) => order.at,
  partitions: 1,
})
const listed = topic('listed', { schema: z.object({ key: z.string(), all: z.array(z.number()) }), partitions: 1 })

/** Changes its state in place, and then does not like 13. */
const careless = custom<{ n: number }, number[], number[]>('careless', {
  initialize: () => [],
  add(all, { n }) {
    all.push(n)
    if (n === 13) throw new Error('unlucky')
    return all
  },
  merge: (a, b) => [...a, ...b],
  result: (all) => all,
})
const lists = processor('lists').from(orders).keyBy().aggregate({ all: careless }).to(listed)

it.each([
  { title: 'in the commit of the record before it', cuts: [5] },
  { title: 'in a commit of its own', cuts: [2, 3, 5] },
  { title: 'as the first of its commit', cuts: [2, 5] },
])('what fails after it has changed its state in place leaves no trace: $title', async ({ cuts }) => {
  const rig = await Rig.of([lists])
  rig.append('orders', 0, 'c', ...[1, 2, 13, 3, 4].map((n) => ({ card: 'c', n, at: n })))
  const environment = rig.environment('lists')
  let from = 0
  for (const to of cuts) {
    await environment(await rig.batch('lists', 0, from, to))
    from = to
  }
  expect((await rig.read<{ all: number[] }>('listed')).at(-1)!.all).toEqual([1, 2, 3, 4])
  expect(await rig.read('millrace-parked')).toMatchObject([{ offset: 2, reason: 'CODE_FAILED' }])
})
