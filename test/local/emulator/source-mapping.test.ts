import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { HandClock, settle } from '../../../local/emulator/hand-clock.ts'
import type { FailureMessage } from '../../../local/emulator/rules/failure-message.ts'
import { awsDefaults, type MappingSettings } from '../../../local/emulator/settings.ts'
import { SourceMapping } from '../../../local/emulator/source-mapping.ts'
import type { SourceMappingOptions } from '../../../local/emulator/source-mapping-options.ts'
import { memoryBroker } from '../../../shared/broker/memory.ts'
import type { KafkaEvent } from '../../../shared/runtime/kafka-event.ts'
import { offsetsIn } from './scene.ts'

/** A mapping made by hand: of a broker, a clock and whatever else a test brings. */
async function mappingOf(
  handler: (event: KafkaEvent) => unknown,
  settings: Partial<MappingSettings>,
  options: Partial<SourceMappingOptions<KafkaEvent, unknown>> & { readonly partitions?: number } = {},
) {
  const { partitions = 1, ...others } = options
  const clock = new HandClock()
  const broker = memoryBroker()
  await broker.ensureTopic({ name: 'orders', partitions })
  const errors: unknown[] = []
  const mapping = new SourceMapping({
    functionName: 'function',
    topic: 'orders',
    group: 'group',
    broker,
    clock,
    newHandler: () => handler,
    timeoutMs: 3_000,
    eventSource: { eventSource: 'aws:kafka', eventSourceArn: 'arn:cluster' },
    settings: { ...awsDefaults, ...settings },
    onError: (error) => errors.push(error),
    ...others,
  })
  const append = (partition: number, count: number): void => {
    const value = Buffer.from('v')
    const record = { timestampMs: 1, timestampType: 'CREATE_TIME', key: null, value, headers: [] } as const
    broker.append('orders', partition, Array(count).fill(record))
  }
  const start = async (): Promise<void> => {
    await mapping.locate()
    mapping.poll()
  }
  const stop = async (): Promise<void> => {
    const stopped = mapping.stop()
    await clock.advance(1_000)
    await stopped
  }
  onTestFinished(stop)
  const committed = async () => (await broker.committed('group', 'orders')).map((found) => found?.offset)
  return { mapping, clock, broker, errors, append, start, committed }
}

it('a destination that fails is sent the same again; nothing is committed and the partition waits until it has it', async () => {
  const sent: FailureMessage[] = []
  let refusals = 2
  const deliver = async (messages: readonly FailureMessage[]): Promise<void> => {
    if (refusals-- > 0) throw new Error('queue is gone')
    sent.push(...messages)
  }
  const set = await mappingOf(
    () => Promise.reject(new Error('broken')),
    { pollersMax: 1, retriesMax: 0, batchRecordsMax: 1, retryFirstMs: 1_000 },
    { onFailure: { kind: 'sqs', deliver } },
  )
  set.append(0, 2)
  await set.start()
  await set.clock.advance(1_500)
  expect(set.errors.map(String)).toEqual(['Error: queue is gone', 'Error: queue is gone'])
  expect(await set.committed()).toEqual([undefined])
  await set.clock.advance(10_000)
  expect(sent.map(({ body }) => body.KafkaBatchInfo.recordsInfo!['orders-0']!.firstRecordOffset)).toEqual(['0', '1'])
  expect(await set.committed()).toEqual([2])
})

it('an error of the function is told with what it threw, each time', async () => {
  const set = await mappingOf(() => Promise.reject(new Error('broken')), { retryFirstMs: 1_000, retryMaxMs: 1_000 })
  set.append(0, 1)
  await set.start()
  await set.clock.advance(2_600)
  expect(set.errors.map(String)).toEqual(['Error: broken', 'Error: broken', 'Error: broken'])
})

it('a function that is new after each time-out is the same one otherwise', async () => {
  let made = 0
  let calls = 0
  const set = await mappingOf(
    () => undefined,
    { batchRecordsMax: 1, mixing: 'one' },
    {
      newHandler: () => {
        made++
        return () => (++calls === 2 ? new Promise(() => undefined) : undefined)
      },
    },
  )
  set.append(0, 4)
  await set.start()
  await set.clock.advance(10_000)
  expect([calls, made]).toEqual([5, 2])
})

it('a look at a partition that was lost meanwhile brings nothing: the new poller begins at the commit', async () => {
  const given: string[][] = []
  const set = await mappingOf((event) => given.push(offsetsIn(event)), { pollersMax: 1, pollMs: 100 })
  set.append(0, 2)
  await set.start()
  await set.clock.advance(50)
  const fetch = set.broker.fetch
  const slow = Promise.withResolvers<void>()
  set.broker.fetch = async (...of) => {
    await slow.promise
    return fetch(...of)
  }
  set.append(0, 1)
  await set.clock.advance(100)
  set.mapping.rebalance()
  set.broker.fetch = fetch
  slow.resolve()
  await set.clock.advance(2_000)
  expect(given).toEqual([['0:0', '0:1', '0:2']])
})

it('a commit under way when its partition is lost is not taken back', async () => {
  const settings = { pollersMax: 1, batchWindowMs: 200, fetchBytesMax: 1 }
  const set = await mappingOf(() => undefined, settings)
  const commits: number[] = []
  const slow = Promise.withResolvers<void>()
  const commit = set.broker.commit
  set.broker.commit = async (group, topic, offsets) => {
    commits.push(...offsets.map(({ offset }) => offset))
    await slow.promise
    return commit(group, topic, offsets)
  }
  set.append(0, 2)
  await set.start()
  await set.clock.advance(300)
  set.mapping.rebalance()
  set.mapping.hurry()
  slow.resolve()
  await set.clock.advance(100)
  set.append(0, 1)
  await set.clock.advance(1_000)
  expect(commits).toEqual([2, 3])
})

it('records of a partition come in order and once, whatever the mode and the size of batches', async () => {
  const cases = fc.record({
    pollersMax: fc.constantFrom(0, 1, 2, 7),
    concurrency: fc.constantFrom(1, 3),
    batchRecordsMax: fc.integer({ min: 1, max: 9 }),
    batchWindowMs: fc.constantFrom(0, 100, 500),
    mixing: fc.constantFrom('mix' as const, 'one' as const),
    fetchBytesMax: fc.constantFrom(1, 1_000),
  })
  const appends = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 9 })), { maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(cases, appends, async (settings, parts) => {
      const given: string[][] = [[], [], []]
      const counts = [0, 0, 0]
      const set = await mappingOf(
        async (event) => {
          for (const name of offsetsIn(event)) given[Number(name[0])]!.push(name)
          await settle()
        },
        settings,
        { partitions: 3 },
      )
      await set.start()
      for (const [partition, count] of parts) {
        set.append(partition, count)
        counts[partition]! += count
        await set.clock.advance(60)
      }
      while ((await set.mapping.lag()) > 0) await set.clock.advance(500)
      expect(given).toEqual(counts.map((count, p) => Array.from({ length: count }, (_, n) => `${p}:${n}`)))
    }),
    { numRuns: 30 },
  )
})
