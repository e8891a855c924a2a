import { expect, it } from 'vitest'
import { z } from 'zod'
import { processor, topic } from '#millrace'
import { testDriver } from '#millrace/testing'

const orders = topic('orders', {
  schema: z.object({ lines: z.array(z.object({ of: z.record(z.string(), z.object({ amount: z.number() })) })) }),
})
const out = topic('out', { schema: z.unknown() })

it.each([
  ['item_1', 'lines.1.of.item_1.amount'],
  ['jane@example.com', 'lines.1.of.*.amount'],
  ['4111111111111111', 'lines.1.of.*.amount'],
  ['Jane Doe', 'lines.1.of.*.amount'],
  ['x'.repeat(41), 'lines.1.of.*.amount'],
  ['', 'lines.1.of.*.amount'],
])('where a name is data (%j), what is said of a value that does not fit leaves it out', async (name, path) => {
  const driver = testDriver(processor('p').from(orders).to(out))
  const lines = [{ of: {} }, { of: { [name]: { amount: 'much' } } }]
  await driver.pipeBytes(orders, null, JSON.stringify({ lines }))
  expect(await driver.parked()).toMatchObject([{ reason: 'SCHEMA', detail: expect.stringContaining(`at ${path}.`) }])
})
