import { crc32 } from 'node:zlib'
import { MillraceError } from '../errors.ts'
import type { Stage } from '../processor/plan-types.ts'
import type { KafkaEventRecord } from './kafka-event.ts'
import type { Owner } from './owner.ts'
import type { Ports } from './ports.ts'

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
