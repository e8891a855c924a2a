import { crc32 } from 'node:zlib'
import type { TopicDescription } from '../broker/broker.ts'
import { isMillraceError, MillraceError } from '../errors.ts'
import type { Stage } from '../processor/plan-types.ts'
import type { KafkaEventRecord } from './kafka-event.ts'
import type { Owner } from './owner.ts'
import type { Ports } from './ports.ts'
import { readTickItem, writeTickItem } from './tick-item.ts'

/** The source is not the one that was known: says so, with the metric of the alarm. @returns the error to be thrown */
export function sourceChanged(stage: Stage, ports: Ports, problem: string): MillraceError {
  ports.log('error', { what: 'source changed', stage: stage.id, problem, metrics: { SourceChanged: 1 } })
  return new MillraceError('SOURCE_CHANGED', { scope: stage.id, problem })
}

/**
 * The source, and those of the stages upstream, must be the topics whose ids stand in the tick's item; where none do yet,
 * they are noted there, so that a topic that is made anew before the first tick is noticed. Work does not wait for a
 * broker that does not answer: the tick asks again.
 *
 * @returns whether they are known now
 * @throws MillraceError `SOURCE_CHANGED`, and what the journal throws
 */
export async function checkSourceIds(stage: Stage, ports: Ports): Promise<boolean> {
  const topics = [stage.source, ...stage.upstream.map(({ source }) => source)]
  const found: TopicDescription[] = []
  for (const { name } of topics) {
    const one = await describeIfReachable(ports, name)
    if (one === undefined) return false
    found.push(one)
  }
  const [source, ...upstream] = found
  const { version, ...content } = await readTickItem(ports.journal, stage)
  if (content.source === undefined) {
    const noted = { ...content, source: source!, ...(upstream.length > 0 && { upstream }) }
    await writeTickItem(ports.journal, stage, { version, ...content }, noted)
    return true
  }
  const known = [content.source, ...(content.upstream ?? [])]
  const other = topics.findIndex((_, i) => known[i] !== undefined && known[i].id !== found[i]!.id)
  if (other >= 0) throw sourceChanged(stage, ports, `the topic ${topics[other]!.name} was made anew`)
  return true
}

/** undefined as well where there is no such topic: nobody has records of that one, and the tick will tell. */
export async function describeIfReachable({ broker }: Ports, topic: string): Promise<TopicDescription | undefined> {
  try {
    return await broker.describe(topic)
  } catch (error) {
    if (isMillraceError(error, 'BROKER_UNREACHABLE')) return undefined
    throw error
  }
}

/** Tells one record from another at the same offset. */
export const checksum = (record: KafkaEventRecord): string => `${record.timestamp}:${crc32(record.value ?? '')}`

/** For the commit's note of the record applied last; nothing when it came with an earlier batch. */
export function checksumAt(records: readonly KafkaEventRecord[], offset: number): { lastRecord?: string } {
  const last = records.findLast((record) => record.offset === offset)
  return last === undefined ? {} : { lastRecord: checksum(last) }
}

/** The record at the offset applied last must be the one that was applied. @throws MillraceError `SOURCE_CHANGED` */
export function checkSource(owner: Owner, records: readonly KafkaEventRecord[]): void {
  const { head } = owner
  if (head === undefined || head.lastRecord === '') return
  const again = records.find((record) => record.offset === head.offset)
  if (again !== undefined && checksum(again) !== head.lastRecord)
    throw new MillraceError('SOURCE_CHANGED', {
      scope: owner.name,
      problem: `another record stands at offset ${head.offset}, the topic seems to have been made anew`,
    })
}

/** Records between what was applied last and the batch are missing: a topic that is not compacted has lost them. */
export function noteGap(stage: Stage, ports: Ports, owner: Owner, first: KafkaEventRecord): void {
  const expected = owner.fold.position.offset + 1
  if (expected > 0 && first.offset > expected && !stage.source.compacted)
    ports.log('error', {
      what: 'offset gap',
      stage: stage.id,
      partition: owner.partition,
      expected,
      got: first.offset,
      metrics: { OffsetGap: first.offset - expected },
    })
}
