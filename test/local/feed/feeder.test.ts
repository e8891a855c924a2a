import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Feeder, type FeederOptions } from '../../../local/feed/feeder.ts'
import { generator } from '../../../local/feed/generator.ts'
import { openLedger } from '../../../local/feed/ledger.ts'
import type { Line, LineSource } from '../../../local/feed/source.ts'
import { type DiskBroker, diskBroker } from '../../../local/log/disk-broker.ts'
import { topic } from '../../../shared/processor/index.ts'
import { partitionFor } from '../../../shared/sinks/partitioner.ts'
import { HandClock, settle } from '../hand-clock.ts'
import { temporaryDirectory } from '../temporary.ts'

const PARTITIONS = 3
const payments = topic('payments', {
  schema: z.object({ card: z.string() }),
  key: (p) => p.card,
  partitions: PARTITIONS,
})
const topics = new Map([['payments', { declaration: payments, partitions: PARTITIONS }]])

const source = (contents: readonly Line['content'][], id = 'test', atATime = 7): LineSource => ({
  id,
  linesInAll: () => contents.length,
  async *read() {
    for (let n = 0; n < contents.length; n += atATime)
      yield contents.slice(n, n + atATime).map((content) => ({ topic: 'payments', content }))
  },
})

const cards = (count: number): string[] => Array.from({ length: count }, (_, n) => `{"card":"c${n % 17}","n":${n}}`)

async function newBroker(directory = temporaryDirectory()): Promise<DiskBroker> {
  const broker = diskBroker(directory, new HandClock())
  await broker.ensureTopic({ name: 'payments', partitions: PARTITIONS })
  return broker
}

function newFeeder(broker: DiskBroker, changes: Partial<FeederOptions> & Pick<FeederOptions, 'source'>): Feeder {
  const room = async (): Promise<void> => undefined
  const rest = { topics, sink: broker, clock: new HandClock(), fed: new Map(), ratePerSecond: undefined, room }
  return new Feeder({ ...rest, ...changes })
}

async function contents(broker: DiskBroker): Promise<string[][]> {
  const all: string[][] = []
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const records = await broker.fetch('payments', partition, 0, { maxRecords: 100_000, maxBytes: 1e9 })
    all.push(records.map(({ value }) => Buffer.from(value!).toString('latin1')))
  }
  return all
}

describe('lines get', () => {
  it('the declared key where they fit the schema, else none; the partition is by the key, else by the bytes', async () => {
    const broker = await newBroker()
    const bad = Buffer.from([0xff, 0x00])
    const given = ['{"card":"c1"}', '{"card":7}', 'no json', 'null', '', bad, Buffer.from('{"card":"c1","more":1}')]
    await newFeeder(broker, { source: source(given) }).run()
    const found = new Map<string, { key: string | null; partition: number }>()
    for (let partition = 0; partition < PARTITIONS; partition++)
      for (const { key, value } of await broker.fetch('payments', partition, 0, { maxRecords: 99, maxBytes: 1e9 }))
        found.set(Buffer.from(value!).toString('latin1'), { key: key && Buffer.from(key).toString(), partition })
    const keyed = { key: 'c1', partition: partitionFor('c1', PARTITIONS) }
    expect(found.get('{"card":"c1"}')).toEqual(keyed)
    expect(found.get('{"card":"c1","more":1}')).toEqual(keyed)
    for (const line of ['{"card":7}', 'no json', 'null', ''])
      expect(found.get(line)).toEqual({ key: null, partition: partitionFor(line, PARTITIONS) })
    expect(found.get('\xff\x00')).toEqual({ key: null, partition: partitionFor(bad, PARTITIONS) })
  })
})

describe('a feeder that is stopped', () => {
  it('ends also while its source waits for lines that may never come, as standard input may', async () => {
    const broker = await newBroker()
    const endless: LineSource = {
      id: 'endless',
      linesInAll: () => undefined,
      async *read() {
        yield [{ topic: 'payments', content: '{"card":"c1"}' }]
        await new Promise(() => undefined)
      },
    }
    const feeder = newFeeder(broker, { source: endless })
    const run = feeder.run()
    await settle()
    feeder.stop()
    await run
    expect(feeder.appended).toBe(1)
  })
})

describe('a feeder of a long source', () => {
  it('does not keep what it has fed', async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const broker = await newBroker()
    const fed: WeakRef<readonly Line[]>[] = []
    let kept = 0
    const long: LineSource = {
      id: 'long',
      linesInAll: () => undefined,
      async *read() {
        for (let n = 0; n < 100; n++) {
          const lines = [{ topic: 'payments', content: `{"card":"c${n}"}` }]
          fed.push(new WeakRef(lines))
          yield lines
        }
        await settle()
        collectGarbage()
        kept = fed.filter((each) => each.deref()).length
      },
    }
    await newFeeder(broker, { source: long }).run()
    expect(kept).toBeLessThan(10)
  })
})

describe('a feeder that was killed goes on', () => {
  it('without losing or doubling a line, wherever it was, and however often', async () => {
    const lines = cards(100)
    const expected = await newBroker()
    await newFeeder(expected, { source: source(lines) }).run()
    for (let seed = 0; seed < 20; seed++) {
      const directory = temporaryDirectory()
      const ledger = join(directory, 'feeds.json')
      // Dies at some append, of which any may have been done: partitions of one chunk go separately.
      for (let life = 0; life < 4; life++) {
        const broker = await newBroker(directory)
        const fed = await openLedger(ledger, 'test', ['payments'], broker)
        let left = (seed * 7 + life * 5) % 13
        const sink = {
          append: (...given: Parameters<DiskBroker['append']>) =>
            left-- > 0 ? broker.append(...given) : Promise.reject(new Error('killed')),
        }
        await newFeeder(broker, { source: source(lines), sink, fed })
          .run()
          .catch(() => undefined)
        await broker.close()
      }
      const broker = await newBroker(directory)
      const fed = await openLedger(ledger, 'test', ['payments'], broker)
      const last = newFeeder(broker, { source: source(lines), fed })
      await last.run()
      expect(last.appended + last.skipped).toBe(100)
      expect(await contents(broker)).toEqual(await contents(expected))
      await broker.close()
    }
  })

  it('with each of several sources, and with lines that have been added', async () => {
    const broker = await newBroker()
    const ledger = join(temporaryDirectory(), 'feeds.json')
    const feed = async (id: string, lines: string[]): Promise<number[]> => {
      const fed = await openLedger(ledger, id, ['payments'], broker)
      const feeder = newFeeder(broker, { source: source(lines, id), fed })
      await feeder.run()
      return [feeder.skipped, feeder.appended]
    }
    expect(await feed('a', cards(30))).toEqual([0, 30])
    expect(await feed('b', cards(20))).toEqual([0, 20])
    expect(await feed('a', cards(40))).toEqual([30, 10])
    expect(await feed('b', cards(20))).toEqual([20, 0])
    expect((await broker.endOffsets('payments')).reduce((sum, end) => sum + end)).toBe(60)
    broker.deleteTopic('payments')
    await broker.ensureTopic({ name: 'payments', partitions: PARTITIONS })
    expect(await feed('a', cards(40))).toEqual([0, 40])
    await broker.close()
  })
})

describe('feeding', () => {
  it('keeps to a rate', async () => {
    const broker = await newBroker()
    const clock = new HandClock()
    const feeder = newFeeder(broker, { source: source(cards(1_000)), clock, ratePerSecond: 100 })
    const running = feeder.run()
    await clock.advance(1_000)
    expect(feeder.appended).toBeGreaterThan(95)
    expect(feeder.appended).toBeLessThanOrEqual(100)
    feeder.stop()
    await clock.advance(100)
    await running
    expect(feeder.appended).toBeLessThanOrEqual(110)
    await broker.close()
  })

  it('waits for room', async () => {
    const broker = await newBroker()
    let letGo = (): void => undefined
    const room = (): Promise<void> => new Promise((resolve) => (letGo = resolve))
    const feeder = newFeeder(broker, { source: source(cards(14)), room })
    const running = feeder.run()
    await new HandClock().advance(0)
    expect(feeder.appended).toBe(0)
    letGo()
    await new HandClock().advance(0)
    expect(feeder.appended).toBe(7)
    letGo()
    await running
    expect(feeder.appended).toBe(14)
    await broker.close()
  })

  it('takes what is generated', async () => {
    const broker = await newBroker()
    await broker.ensureTopic({ name: 'logs', partitions: 2 })
    const generated = generator({ topics: ['logs'], events: 1_200, ratePerSecond: 1_000, seed: 3 })
    const logs = new Map([['logs', { declaration: undefined, partitions: 2 }]])
    await newFeeder(broker, { source: generated, topics: logs }).run()
    expect((await broker.endOffsets('logs')).reduce((sum, end) => sum + end)).toBe(1_200)
    await broker.close()
  })
})
