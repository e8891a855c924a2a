import { memoryBroker } from '../../shared/broker/memory.ts'
import { memoryJournalStore } from '../../shared/journal/memory.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import { stageHandler } from '../../shared/runtime/handler.ts'
import { laneOf } from '../../shared/runtime/identity.ts'
import type { KafkaEventRecord } from '../../shared/runtime/kafka-event.ts'
import { memoryTopicSink } from '../../shared/sinks/memory.ts'
import { memoryTableSink } from '../../shared/sinks/memory-table.ts'
import { everythingIn, rowsOf } from './contents.ts'
import type { Appended, Outcome } from './topology.ts'
import { uncompressed } from './uncompressed.ts'
import { differences, withoutRepeats } from './verdicts.ts'

const context = { getRemainingTimeInMillis: () => 3_600_000, awsRequestId: 'replay' }

/**
 * Gives a stage what stands in its source once more, in one go, without faults and without repeats, and compares what
 * comes out with what came out of the simulation. It is the same code twice: this says that faults change nothing, not
 * that the code computes what was meant.
 */
export async function replayProblems(stage: Stage, outcome: Outcome): Promise<string[]> {
  const broker = memoryBroker()
  const tables = memoryTableSink()
  for (const topic of stage.writesTopics) await broker.ensureTopic(topic)
  const handler = stageHandler(stage, {
    journal: memoryJournalStore(),
    topics: memoryTopicSink(broker),
    tables,
    rows: tables,
    broker,
    clock: { nowMs: () => 0 },
    log: () => {},
    compression: uncompressed,
  })
  const records = recordsOf(stage, outcome)
  if (Object.keys(records).length > 0) await handler({ eventSource: 'aws:kafka', records }, context)
  if (stage.stateful) await handler({ millrace: 'close-windows' }, context)
  const expected = withoutRepeats(await everythingIn(broker, stage.writesTopics))
  const lane = laneOf(stage, 0).slice(0, -2)
  const found = stage.writesTopics.flatMap(({ name }) => outcome.topic(name)).filter((each) => isBy(each, lane))
  return [
    ...differences(`what ${stage.id} puts out`, found.map(textOf).toSorted(), expected.map(textOf).toSorted()),
    ...stage.writesTables.flatMap(({ physicalName }) =>
      differences(`rows of ${physicalName}`, outcome.table(physicalName), rowsOf(tables.rows(physicalName))),
    ),
  ]
}

function recordsOf(stage: Stage, outcome: Outcome): Record<string, KafkaEventRecord[]> {
  const records: Record<string, KafkaEventRecord[]> = {}
  const seen = new Set<string>()
  for (const record of outcome.everything(stage.source.name)) {
    const { mr } = record.headers
    const identity = mr?.slice(0, mr.lastIndexOf(';'))
    if (outcome.skipped(stage, record.partition).has(record.offset)) continue
    if (identity !== undefined && seen.has(identity)) continue
    if (identity !== undefined) seen.add(identity)
    const place = `${record.topic}-${record.partition}`
    records[place] = [...(records[place] ?? []), eventOf(record)]
  }
  return records
}

const eventOf = ({ key, value, headers, timestampMs, ...place }: Appended): KafkaEventRecord => ({
  ...place,
  timestamp: timestampMs,
  timestampType: 'CREATE_TIME',
  ...(key !== null && { key: Buffer.from(key).toString('base64') }),
  ...(value !== null && { value: Buffer.from(value).toString('base64') }),
  headers: Object.entries(headers).map(([name, text]) => ({ [name]: [...Buffer.from(text)] })),
})

/** The last hop of its identity names the stage, and then the partition that it read. */
function isBy({ headers }: Appended, stage: string): boolean {
  const lane = headers.mr!.slice(0, headers.mr!.indexOf(';'))
  const hop = lane.slice(lane.lastIndexOf('>') + 1)
  return hop.slice(0, hop.lastIndexOf('.')) === stage
}

const textOf = ({ topic, partition, key, value, timestampMs }: Appended): string =>
  `${topic}-${partition} at ${timestampMs}: ${key} ${value}`
