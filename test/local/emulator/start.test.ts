import { expect, it } from 'vitest'
import { placesOf } from '../../../local/emulator/start.ts'
import { memoryBroker } from '../../../shared/broker/memory.ts'

async function places(settings: Parameters<typeof placesOf>[1], committed?: number) {
  const broker = memoryBroker()
  await broker.ensureTopic({ name: 'orders', partitions: 2 })
  const record = { timestampType: 'CREATE_TIME', key: null, value: null, headers: [] } as const
  broker.append(
    'orders',
    0,
    [1_000, 2_000, 1_500, 3_000].map((timestampMs) => ({ ...record, timestampMs })),
  )
  broker.deleteRecordsBefore('orders', 0, 1)
  if (committed !== undefined)
    await broker.commit('group', 'orders', [{ partition: 0, offset: committed, metadata: 'm' }])
  return placesOf({ broker, group: 'group', topic: 'orders' }, settings)
}

it.each([
  ['TRIM_HORIZON', 0, [1, 0]],
  ['LATEST', 0, [4, 0]],
  ['AT_TIMESTAMP', 1_000, [1, 0]],
  ['AT_TIMESTAMP', 2_001, [3, 0]],
  ['AT_TIMESTAMP', 3_001, [4, 0]],
] as const)('without a commit, %s (%i) begins at %j', async (startingPosition, startingTimestampMs, offsets) => {
  const found = await places({ startingPosition, startingTimestampMs })
  expect(found.map(({ offset }) => offset)).toEqual(offsets)
})

it('a commit is where a mapping goes on, whatever its starting position; not before the oldest record', async () => {
  const settings = { startingPosition: 'LATEST', startingTimestampMs: 0 } as const
  expect(await places(settings, 2)).toEqual([
    { offset: 2, metadata: 'm' },
    { offset: 0, metadata: '' },
  ])
  expect((await places(settings, 0))[0]).toEqual({ offset: 1, metadata: 'm' })
})
