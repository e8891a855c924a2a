import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { minutes, processor, seconds, sum, topic, tumbling } from '#millrace'
import { memoryBroker } from '../../shared/broker/memory.ts'
import { memoryJournalStore } from '../../shared/journal/memory.ts'
import { plan } from '../../shared/processor/plan.ts'
import { stageHandler } from '../../shared/runtime/handler.ts'
import { memoryTopicSink } from '../../shared/sinks/memory.ts'
import { memoryTableSink } from '../../shared/sinks/memory-table.ts'

const payments = topic('payments', {
  schema: z.object({ card: z.string(), amount: z.number(), at: z.number() }),
  key: (payment) => payment.card,
  time: (payment) => payment.at,
  partitions: 1,
})
const totals = topic('totals', { schema: z.unknown(), partitions: 1 })
const spend = processor('spend')
  .from(payments)
  .keyBy()
  .window(tumbling(minutes(1)).grace(seconds(0)))
  .aggregate({ total: sum((payment) => payment.amount) })
  .to(totals)

/** A payment as the mapping delivers it. */
const delivered = (offset: number, card: string, at: number, timestamp = at) => ({
  topic: 'payments',
  partition: 0,
  offset,
  timestamp,
  timestampType: 'CREATE_TIME' as const,
  key: Buffer.from(card).toString('base64'),
  value: Buffer.from(JSON.stringify({ card, amount: 1, at })).toString('base64'),
  headers: [],
})
const event = (...records: ReturnType<typeof delivered>[]) => ({
  eventSource: 'aws:kafka' as const,
  records: { 'payments-0': records },
})
const context = (remainingMs: number) => ({ getRemainingTimeInMillis: () => remainingMs, awsRequestId: 'test' })

async function environment() {
  const stage = plan([spend]).stages[0]!
  const broker = memoryBroker()
  for (const name of ['payments', 'totals', 'millrace-parked'])
    await broker.ensureTopic({ name, partitions: name === 'millrace-parked' ? 12 : 1 })
  const ports = {
    journal: memoryJournalStore(),
    topics: memoryTopicSink(broker),
    tables: memoryTableSink(),
    broker,
    clock: { nowMs: () => 0 },
    log: () => {},
  }
  return { fresh: () => stageHandler(stage, ports), broker }
}

// So many windows that the timers of one record fill several commits.
const manyCards = Array.from({ length: 30_000 }, (_, i) => delivered(i, `card-${i}`, i % 60_000))

describe('a batch that comes again', () => {
  it('is taken up in the middle of a burst of timers, when the function died between two commits of it', async () => {
    const { fresh, broker } = await environment()
    for (let i = 0; i < manyCards.length; i += 10_000)
      await fresh()(event(...manyCards.slice(i, i + 10_000)), context(60_000))
    const closing = delivered(30_000, 'closer', minutes(2))
    let looks = 0
    const dying = { awsRequestId: 'test', getRemainingTimeInMillis: () => (++looks > 3 ? 0 : 60_000) }
    await expect(fresh()(event(closing), dying)).rejects.toMatchObject({ code: 'DEADLINE', retriable: true })
    const published = (await broker.endOffsets('totals'))[0]!
    expect(published).toBeGreaterThan(0)
    expect(published).toBeLessThan(30_000)

    // A mapping may cut the batch anew and begin with a record that is applied already.
    const report = await fresh()(event(manyCards.at(-1)!, closing), context(60_000))
    expect(report.partitions[0]!.totals).toMatchObject({ read: 30_001, counted: 30_001, emitted: 30_000 })
  })

  it('changes nothing when all of it is applied already, and costs no write', async () => {
    const { fresh } = await environment()
    const batch = event(delivered(0, 'a', 1), delivered(1, 'a', 2))
    await fresh()(batch, context(60_000))
    const report = await fresh()(batch, context(60_000))
    expect(report.partitions[0]).toMatchObject({ commits: 0, counts: { read: 0 }, totals: { read: 2 } })
  })

  it('stops when another record stands at the offset applied last: the topic was made anew', async () => {
    const { fresh } = await environment()
    await fresh()(event(delivered(0, 'a', 1), delivered(1, 'a', 2)), context(60_000))
    await expect(fresh()(event(delivered(1, 'b', 5), delivered(2, 'b', 6)), context(60_000))).rejects.toMatchObject({
      code: 'SOURCE_CHANGED',
      retriable: false,
    })
  })
})
