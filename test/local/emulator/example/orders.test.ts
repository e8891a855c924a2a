import { beforeEach, expect, it } from 'vitest'
import { awkwardRecords, kafkaEmulator, randomFaults } from '#millrace/emulator'
import { charged, handler } from './orders.ts'

beforeEach(() => {
  charged.length = 0
})

it('a bad order is tried three times and given up; it holds its partition back, and no other order', async () => {
  const emulator = await kafkaEmulator({
    topic: 'orders',
    partitions: 2,
    handler,
    settings: { pollersMax: 2, reportFailures: true, retriesMax: 2 },
    onFailure: 'sqs',
  })
  emulator.send({ partition: 0, value: { id: 'a', amount: 10 } })
  emulator.send({ partition: 0, value: { id: 'b', amount: 0 } })
  emulator.send({ partition: 0, value: { id: 'c', amount: 30 } })
  emulator.send({ partition: 1, value: { id: 'd', amount: 40 } })

  await emulator.advance(500)
  expect(charged.toSorted()).toEqual(['a', 'c', 'd'])
  expect(await emulator.committed()).toEqual([1, 1])

  await emulator.drain()
  expect(emulator.events.filter(({ records }) => records['orders-0'])).toHaveLength(3)
  expect(emulator.failures[0]!.body.KafkaBatchInfo.recordsInfo).toMatchObject({
    'orders-0': { firstRecordOffset: '1', lastRecordOffset: '1' },
  })
  expect(await emulator.committed()).toEqual([3, 1])
  await emulator.stop()
})

it('no order is charged twice, whatever comes twice', async () => {
  const emulator = await kafkaEmulator({
    topic: 'orders',
    partitions: 3,
    handler,
    faults: randomFaults(7, { loseCommit: 0.3, rebalance: 0.2, throttle: 0.1 }),
  })
  for (let n = 0; n < 100; n++) {
    emulator.send({ key: `customer-${n % 10}`, value: { id: `order-${n}`, amount: n + 1 } })
    await emulator.advance(100)
  }
  await emulator.drain()
  expect(emulator.counts().invoked).toBeGreaterThan(100)
  expect(charged).toHaveLength(100)
  await emulator.stop()
})

it.each(Object.keys(awkwardRecords))('%s does not stop the order behind it', async (kind) => {
  const emulator = await kafkaEmulator({
    topic: 'orders',
    handler,
    settings: { pollersMax: 1, reportFailures: true, retriesMax: 0 },
  })
  emulator.send(awkwardRecords[kind]!)
  emulator.send({ value: { id: 'behind', amount: 1 } })
  await emulator.drain()
  expect(charged).toEqual(['behind'])
  await emulator.stop()
})
