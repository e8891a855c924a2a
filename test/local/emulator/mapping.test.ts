import { describe, expect, it, onTestFinished } from 'vitest'
import type { InvocationContext } from '../../../local/emulator/environment.ts'
import { Mapping } from '../../../local/emulator/mapping.ts'
import { awsDefaults, type MappingSettings } from '../../../local/emulator/settings.ts'
import { type MemoryBroker, memoryBroker } from '../../../shared/broker/memory.ts'
import { zeroCounts } from '../../../shared/engine/counts.ts'
import { MillraceError } from '../../../shared/errors.ts'
import type {
  ControlEvent,
  InvocationReport,
  KafkaEvent,
  PartitionReport,
} from '../../../shared/runtime/kafka-event.ts'
import { memoryTopicSink } from '../../../shared/sinks/memory.ts'
import { HandClock, settle } from '../hand-clock.ts'

const TOPIC = 'topic'
const GROUP = 'group'
const settings: MappingSettings = { ...awsDefaults, batchRecordsMax: 10, batchWindowMs: 500, pollMs: 20 }

/** A mapping whose function writes down what it is given; it waits or fails as the test says. */
async function scene(
  changes: Partial<MappingSettings> = {},
  options: { partitions?: number; stateful?: boolean } = {},
) {
  const { partitions = 2, stateful = false } = options
  const clock = new HandClock()
  const broker = memoryBroker()
  await broker.ensureTopic({ name: TOPIC, partitions })
  const sink = memoryTopicSink(broker)
  const calls: string[][] = []
  const contexts: InvocationContext[] = []
  const errors: unknown[] = []
  const journal = new Map<number, PartitionReport>()
  const function_ = {
    before: async (_offsets: readonly string[]): Promise<void> => undefined,
    afterCommit: async (): Promise<void> => undefined,
  }
  const newHandler = () => async (event: KafkaEvent | ControlEvent, context: InvocationContext) => {
    contexts.push(context)
    const offsets = offsetsOf(event)
    calls.push(offsets)
    await function_.before(offsets)
    const report = reportOf(event, journal)
    for (const each of report.partitions) journal.set(each.partition, { ...each, counts: zeroCounts(), commits: 0 })
    if (report.kind === 'batch') await function_.afterCommit()
    return report
  }
  const newMapping = (): Mapping => {
    const mapping = new Mapping({
      stage: { id: 'stage', group: GROUP, stateful, source: { name: TOPIC }, deployment: { timeoutMs: 30_000 } },
      broker,
      clock,
      newHandler,
      eventSource: { eventSource: 'SelfManagedKafka' },
      settings: { ...settings, ...changes },
      onError: (error) => errors.push(error),
    })
    onTestFinished(async () => {
      const stopped = mapping.stop()
      await clock.advance(1_000)
      await stopped
    })
    return mapping
  }
  const append = (partition: number, count: number): Promise<void> => {
    const record = { key: 'k', value: 'v', headers: {}, timestampMs: 1 }
    return sink.append(TOPIC, partition, Array(count).fill(record))
  }
  const committed = async () => (await broker.committed(GROUP, TOPIC)).map((found) => found?.offset)
  return { clock, broker, calls, contexts, errors, function_, newMapping, append, committed }
}

/** `0:5` is offset 5 of partition 0. */
function offsetsOf(event: KafkaEvent | ControlEvent): string[] {
  if ('millrace' in event) return [event.millrace]
  return Object.values(event.records).flatMap((records) => records.map((r) => `${r.partition}:${r.offset}`))
}

function reportOf(event: KafkaEvent | ControlEvent, journal: ReadonlyMap<number, PartitionReport>): InvocationReport {
  if ('millrace' in event)
    return {
      stage: 'stage',
      kind: event.millrace,
      partitions: event.millrace === 'settle' ? [...journal.values()] : [],
    }
  const partitions = Object.values(event.records).map((records) => {
    const counts = { ...zeroCounts(), read: records.length, counted: records.length }
    const offset = records.at(-1)!.offset
    const totals = { ...counts, read: offset + 1, counted: offset + 1 }
    const partition = records[0]!.partition
    return {
      partition,
      counts,
      totals,
      offset,
      seq: offset + 1,
      commits: 1,
      bucketWrites: 0,
      openTimers: 2,
      streamTimeMs: 0,
    }
  })
  return { stage: 'stage', kind: 'batch', partitions }
}

const range = (partition: number, from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, n) => `${partition}:${from + n}`)

describe('a batch is cut', () => {
  it('when its window ends, with what there is, of several partitions', async () => {
    const { clock, calls, newMapping, append } = await scene()
    await append(0, 2)
    await append(1, 1)
    await newMapping().start()
    await clock.advance(499)
    expect(calls).toEqual([])
    await append(0, 1)
    await clock.advance(1)
    expect(calls).toEqual([['0:0', '0:1', '0:2', '1:0']])
  })

  it('when the next window ends, if the one before it brought nothing', async () => {
    const { clock, calls, newMapping, append } = await scene()
    await newMapping().start()
    await clock.advance(700)
    await append(0, 1)
    await clock.advance(299)
    expect(calls).toEqual([])
    await clock.advance(1)
    expect(calls).toEqual([['0:0']])
  })

  it('when it has as many records as it may, without waiting', async () => {
    const { clock, calls, newMapping, append } = await scene()
    await append(0, 25)
    await newMapping().start()
    await clock.advance(20)
    expect(calls).toEqual([range(0, 0, 10), range(0, 10, 20)])
    await clock.advance(500)
    expect(calls[2]).toEqual(range(0, 20, 25))
  })

  it('before its JSON would pass the limit', async () => {
    const { clock, calls, newMapping, append } = await scene({ payloadBytesMax: 700 })
    await append(0, 9)
    await newMapping().start()
    await clock.advance(1_500)
    expect(calls.length).toBeGreaterThan(1)
    expect(calls.flat()).toEqual(range(0, 0, 9))
  })

  it('at once when it is hurried', async () => {
    const { clock, calls, newMapping, append } = await scene()
    const mapping = newMapping()
    await append(0, 1)
    await mapping.start()
    mapping.hurry()
    await clock.advance(20)
    expect(calls).toEqual([['0:0']])
  })

  it('per partition, when partitions are not mixed', async () => {
    const { clock, calls, newMapping, append } = await scene({ mixing: 'one' })
    await append(0, 2)
    await append(1, 2)
    await newMapping().start()
    await clock.advance(1_100)
    expect(calls).toEqual([range(0, 0, 2), range(1, 0, 2)])
  })

  it('never without a record', async () => {
    const { clock, calls, newMapping } = await scene()
    await newMapping().start()
    await clock.advance(10_000)
    expect(calls).toEqual([])
  })
})

describe('offsets', () => {
  it('are committed after success, and where the group left off is where the next mapping starts', async () => {
    const { clock, calls, newMapping, append, committed } = await scene()
    await append(0, 3)
    const first = newMapping()
    await first.start()
    await clock.advance(600)
    expect(await committed()).toEqual([3, undefined])
    const stopped = first.stop()
    await clock.advance(600)
    await stopped
    await append(0, 1)
    await append(1, 1)
    await newMapping().start()
    await clock.advance(600)
    expect(calls).toEqual([range(0, 0, 3), ['0:3', '1:0']])
    expect(await committed()).toEqual([4, 1])
  })

  it('start at the end with LATEST, and at the oldest record otherwise', async () => {
    const { clock, calls, broker, newMapping, append } = await scene({ startingPosition: 'LATEST' })
    await append(0, 5)
    await newMapping().start()
    await append(0, 1)
    await clock.advance(600)
    expect(calls).toEqual([['0:5']])
    const other = await scene()
    await other.append(0, 5)
    other.broker.deleteRecordsBefore(TOPIC, 0, 3)
    await other.newMapping().start()
    await other.clock.advance(600)
    expect(other.calls).toEqual([range(0, 3, 5)])
    expect(broker).not.toBe(other.broker)
  })

  it('are not committed while the function fails; the same batch comes again, later and later', async () => {
    const { clock, calls, errors, function_, newMapping, append, committed } = await scene({ retryFirstMs: 100 })
    function_.before = () => Promise.reject(new MillraceError('JOURNAL_UNREACHABLE', { reason: 'test' }))
    await append(0, 2)
    const mapping = newMapping()
    await mapping.start()
    await clock.advance(500)
    expect(calls).toHaveLength(1)
    await append(0, 1)
    await clock.advance(99)
    expect(calls).toHaveLength(1)
    await clock.advance(1)
    expect(calls).toHaveLength(2)
    await clock.advance(200)
    expect(calls).toHaveLength(3)
    expect(calls.every((call) => call.join() === '0:0,0:1')).toBe(true)
    expect(errors).toHaveLength(3)
    expect(await committed()).toEqual([undefined, undefined])
    expect(await mapping.lag()).toBe(3)
    function_.before = async () => undefined
    await clock.advance(2_000)
    expect(calls.at(-1)).toEqual(['0:2'])
    expect(await committed()).toEqual([3, undefined])
    expect(await mapping.lag()).toBe(0)
  })

  it('are committed again when the broker did not take them; the batch does not come again', async () => {
    const { clock, calls, broker, newMapping, append, committed } = await scene()
    const commit = broker.commit
    let refusals = 2
    broker.commit = (...given) =>
      refusals-- > 0 ? Promise.reject(new MillraceError('BROKER_UNREACHABLE', {})) : commit(...given)
    await append(0, 2)
    await newMapping().start()
    await clock.advance(3_000)
    expect(calls).toEqual([range(0, 0, 2)])
    expect(await committed()).toEqual([2, undefined])
  })
})

describe('invocations', () => {
  it('one at a time, of one environment; the partitions of a batch in flight wait', async () => {
    const { clock, calls, function_, newMapping, append } = await scene({ concurrency: 2, mixing: 'one' })
    const waiting: (() => void)[] = []
    function_.before = () => new Promise((resolve) => waiting.push(resolve))
    await append(0, 30)
    await append(1, 5)
    const mapping = newMapping()
    await mapping.start()
    await clock.advance(2_000)
    expect(calls).toEqual([range(0, 0, 10), range(1, 0, 5)])
    await append(1, 1)
    waiting.shift()!()
    await clock.advance(2_000)
    expect(calls.slice(2)).toEqual([range(0, 10, 20)])
    for (let n = 0; n < 5; n++) {
      for (const done of waiting.splice(0)) done()
      await clock.advance(2_000)
    }
    expect(calls.slice(3).sort()).toEqual([range(0, 20, 30), ['1:5']])
  })

  it('may go on while another batch fails, of other partitions', async () => {
    const { clock, calls, function_, newMapping, append, committed } = await scene({ concurrency: 2, mixing: 'one' })
    function_.before = async (offsets) => {
      if (offsets[0]!.startsWith('0:')) throw new Error('broken')
    }
    await append(0, 1)
    await append(1, 1)
    await newMapping().start()
    await clock.advance(3_000)
    expect(calls.filter((call) => call[0] === '0:0').length).toBeGreaterThan(2)
    expect(await committed()).toEqual([undefined, 1])
  })

  it('know how much of the time-out is left', async () => {
    const { clock, contexts, function_, newMapping, append } = await scene()
    let done = (): void => undefined
    function_.before = () => new Promise((resolve) => (done = resolve))
    await append(0, 1)
    await newMapping().start()
    await clock.advance(500)
    expect(contexts[0]!.getRemainingTimeInMillis()).toBe(30_000)
    await clock.advance(12_000)
    expect(contexts[0]!.getRemainingTimeInMillis()).toBe(18_000)
    await clock.advance(60_000)
    expect(contexts[0]!.getRemainingTimeInMillis()).toBe(0)
    done()
  })

  it('of a control event wait for the batch in the same environment', async () => {
    const { clock, calls, function_, newMapping, append } = await scene()
    let done = (): void => undefined
    function_.before = () => new Promise((resolve) => (done = resolve))
    await append(0, 1)
    const mapping = newMapping()
    await mapping.start()
    await clock.advance(500)
    const tick = mapping.invoke({ millrace: 'tick' })
    await settle()
    expect(calls).toEqual([['0:0']])
    done()
    await settle()
    expect(calls).toEqual([['0:0'], ['tick']])
    done()
    await expect(tick).resolves.toMatchObject({ kind: 'tick' })
  })
})

describe('totals', () => {
  it('of a stateless stage ride with the offset and survive the process', async () => {
    const { clock, broker, newMapping, append } = await scene()
    await append(0, 3)
    const first = newMapping()
    await first.start()
    await clock.advance(600)
    await append(1, 4)
    await clock.advance(600)
    expect(first.totals().counts).toMatchObject({ read: 7, counted: 7 })
    expect(first.totals()).toMatchObject({ batches: 2 })
    const second = newMapping()
    await second.start()
    expect(second.totals()).toMatchObject({ counts: first.totals().counts, batches: 2 })
    expect((await broker.committed(GROUP, TOPIC))[0]!.metadata.length).toBeLessThan(4_096)
  })

  it('of a stateful stage are what its function says', async () => {
    const { clock, newMapping, append } = await scene({}, { stateful: true, partitions: 1 })
    await append(0, 3)
    const mapping = newMapping()
    await mapping.start()
    await clock.advance(600)
    await append(0, 2)
    await clock.advance(600)
    expect(mapping.totals().counts.read).toBe(5)
    expect(mapping.openTimers()).toBe(2)
  })

  it('of a stateful stage are those of its journal when the process died between a commit and its report', async () => {
    const { clock, calls, function_, newMapping, append } = await scene({}, { stateful: true, partitions: 1 })
    await append(0, 3)
    const death = Promise.withResolvers<void>()
    function_.afterCommit = () => death.promise
    const first = newMapping()
    await first.start()
    await clock.advance(600)
    function_.afterCommit = async () => undefined
    const second = newMapping()
    await second.start()
    expect(calls.at(-1)).toEqual(['settle'])
    expect(second.totals()).toMatchObject({ counts: { read: 3, counted: 3 }, commits: 3, openTimers: 2 })
    void first.stop()
    death.reject(new Error('killed'))
  })

  it('begin at zero beside the commit of somebody else', async () => {
    const { broker, newMapping } = await scene()
    await broker.commit(GROUP, TOPIC, [{ partition: 0, offset: 0, metadata: 'theirs' }])
    const mapping = newMapping()
    await mapping.start()
    expect(mapping.totals().counts.read).toBe(0)
  })
})

describe('an end that no fetch reaches', () => {
  it('is believed to be one after a few looks: control records and compaction leave offsets without records', async () => {
    const { clock, broker, calls, newMapping, append } = await scene({}, { partitions: 1 })
    await append(0, 2)
    const endOffsets = broker.endOffsets
    broker.endOffsets = async (topic) => (await endOffsets(topic)).map((end) => end + 1)
    const mapping = newMapping()
    await mapping.start()
    expect(await mapping.lag()).toBe(3)
    await clock.advance(600)
    expect(calls).toEqual([range(0, 0, 2)])
    expect(await mapping.lag()).toBe(0)
    broker.endOffsets = endOffsets
    await append(0, 1)
    broker.endOffsets = async (topic) => (await endOffsets(topic)).map((end) => end + 1)
    await clock.advance(1_000)
    expect(calls[1]).toEqual(['0:2'])
  })

  it('does not end the mapping when the broker cannot be reached for a while', async () => {
    const { clock, broker, calls, errors, newMapping, append } = await scene()
    await append(0, 1)
    const fetch: MemoryBroker['fetch'] = broker.fetch
    broker.fetch = () => Promise.reject(new MillraceError('BROKER_UNREACHABLE', {}))
    await newMapping().start()
    await clock.advance(1_000)
    expect(errors.length).toBeGreaterThan(1)
    broker.fetch = fetch
    await clock.advance(5_000)
    expect(calls).toEqual([['0:0']])
  })
})
