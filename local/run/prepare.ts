import { DescribeTableCommand, ResourceNotFoundException, ScanCommand } from '@aws-sdk/client-dynamodb'
import { isMillraceError, MillraceError, reasonOf } from '../../shared/errors.ts'
import { ensureJournalTable } from '../../shared/journal/dynamodb.ts'
import type { Plan, PlannedTopic, Stage } from '../../shared/processor/plan-types.ts'
import { ensureOutputTable } from '../../shared/sinks/dynamodb.ts'
import type { Places } from './places.ts'

/** The table that all stages keep their journal in. */
export const JOURNAL_TABLE = 'millrace-journal'

const SOURCE_RECORD_BYTES_MAX = 4 * 1024 * 1024

/**
 * Creates topics and tables that there are not, and brings offsets and state together: both must be from the same past.
 * @returns what the user should know
 * @throws MillraceError `USAGE` when there is state whose topics are gone, `DATABASE_UNREACHABLE`
 */
export async function prepare(plan: Plan, places: Places): Promise<string[]> {
  try {
    return await bringTogether(plan, places)
  } catch (error) {
    if (isMillraceError(error)) throw error
    // Brokers and files have errors of ours already.
    const facts = { address: places.databaseEndpoint, reason: reasonOf(error) }
    throw new MillraceError('DATABASE_UNREACHABLE', facts, { cause: error })
  }
}

async function bringTogether({ topics, tables, stages }: Plan, places: Places): Promise<string[]> {
  const made = await createTopics(topics, places)
  const stateIsNew = !(await hasJournal(places))
  await ensureJournalTable(places.client, JOURNAL_TABLE)
  for (const { physicalName } of tables) await ensureOutputTable(places.client, physicalName)
  if (stateIsNew) return startOver(stages, places)
  await refuseOrphans(stages, made, places)
  return []
}

async function hasJournal({ client }: Places): Promise<boolean> {
  try {
    await client.send(new DescribeTableCommand({ TableName: JOURNAL_TABLE }))
    return true
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return false
    throw error
  }
}

/** @returns names of the topics that were not there */
async function createTopics(topics: readonly PlannedTopic[], { broker }: Places): Promise<Set<string>> {
  const made = new Set<string>()
  for (const topic of topics) {
    if (!(await broker.describe(topic.name))) made.add(topic.name)
    const { name, partitions } = topic
    await broker.ensureTopic({ name, partitions, configs: configsOf(topic) })
  }
  return made
}

function configsOf({ role, retentionMs, compacted }: PlannedTopic): Record<string, string> {
  return {
    'retention.ms': String(retentionMs),
    'cleanup.policy': compacted ? 'compact' : 'delete',
    // Event time may be long ago: with the producer's time the broker would delete such records as expired.
    'message.timestamp.type': 'LogAppendTime',
    ...(role === 'source' && { 'max.message.bytes': String(SOURCE_RECORD_BYTES_MAX) }),
  }
}

/** State is by offsets of a topic: with the topic made anew it fits nothing. */
async function refuseOrphans(stages: readonly Stage[], made: ReadonlySet<string>, places: Places): Promise<void> {
  const prefixes = stages.flatMap(({ source, journalPrefix }) =>
    journalPrefix && made.has(source.name) ? [journalPrefix] : [],
  )
  if (prefixes.length === 0) return
  const orphan = await findItem(places, prefixes)
  if (orphan === undefined) return
  throw new MillraceError('USAGE', {
    problem: `${places.databaseEndpoint} has state of an earlier run (${orphan}), but the topics that it is about are gone.`,
    fix: `Delete its tables (${JOURNAL_TABLE} and the output tables) to begin anew, or keep topics from run to run with --data DIR or --brokers HOST:PORT.`,
  })
}

async function findItem({ client }: Places, prefixes: readonly string[]): Promise<string | undefined> {
  const request = { TableName: JOURNAL_TABLE, ProjectionExpression: 'pk', ConsistentRead: true }
  let from: { readonly ExclusiveStartKey?: Record<string, { S: string }> } = {}
  for (;;) {
    const page = await client.send(new ScanCommand({ ...request, ...from }))
    const keys = (page.Items ?? []).map(({ pk }) => pk!.S!)
    const found = keys.find((key) => prefixes.some((prefix) => key.startsWith(prefix)))
    if (found !== undefined || !page.LastEvaluatedKey) return found
    from = { ExclusiveStartKey: page.LastEvaluatedKey as Record<string, { S: string }> }
  }
}

/** Offsets of an earlier run, whose state is gone, would pass over records that the new state knows nothing of. */
async function startOver(stages: readonly Stage[], { broker }: Places): Promise<string[]> {
  const notes: string[] = []
  for (const { source, group } of stages) {
    const starts = await broker.startOffsets(source.name)
    const moved = (await broker.committed(group, source.name)).filter(
      (found) => found && found.offset > starts[found.partition]!,
    )
    if (moved.length === 0) continue
    const offsets = starts.map((offset, partition) => ({ partition, offset, metadata: '' }))
    await broker.commit(group, source.name, offsets)
    notes.push(`${group} reads ${source.name} from its start again: the state of earlier runs is gone.`)
  }
  return notes
}
