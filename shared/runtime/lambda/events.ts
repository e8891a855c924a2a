import { MillraceError } from '../../errors.ts'
import type { ControlEvent, KafkaEvent } from '../kafka-event.ts'

/** What may be said of an event in a log: numbers and our own words, nothing that a producer wrote. */
export interface EventFacts {
  readonly kind: string
  readonly records: number
  /** By partition: first and last offset. */
  readonly offsets: Readonly<Record<number, string>>
}

/**
 * Refuses what is neither an event of a Kafka mapping nor one of our own.
 * @throws MillraceError `EVENT_UNKNOWN`
 */
export function checkEvent(event: unknown): asserts event is KafkaEvent | ControlEvent {
  if (!isObject(event)) return refuse(event === null ? 'null' : typeof event)
  if ('millrace' in event)
    return typeof event.millrace === 'string' ? undefined : refuse('a "millrace" that is no text')
  if (!isObject(event.records))
    return refuse(`an object with ${Object.keys(event).slice(0, 5).join(', ') || 'nothing'}`)
  for (const records of Object.values(event.records)) {
    if (!Array.isArray(records)) return refuse('records that are no array')
    for (const record of records) if (!isRecord(record)) return refuse('a record without topic, partition and offset')
  }
}

/** @param event As checked, or whatever it was that did not pass the check. */
export function factsOf(event: unknown): EventFacts {
  const offsets: Record<number, string> = {}
  let records = 0
  if (!isObject(event)) return { kind: 'unknown', records, offsets }
  if ('millrace' in event) return { kind: event.millrace === 'tick' ? 'tick' : 'control', records, offsets }
  if (!isObject(event.records)) return { kind: 'unknown', records, offsets }
  for (const each of Object.values(event.records)) {
    if (!Array.isArray(each)) continue
    records += each.length
    const [first, last] = [each[0], each.at(-1)]
    if (isRecord(first) && isRecord(last)) offsets[first.partition] = `${first.offset}-${last.offset}`
  }
  return { kind: 'batch', records, offsets }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

function isRecord(record: unknown): record is { topic: string; partition: number; offset: number } {
  return (
    isObject(record) &&
    typeof record.topic === 'string' &&
    Number.isSafeInteger(record.partition) &&
    Number.isSafeInteger(record.offset)
  )
}

function refuse(given: string): never {
  throw new MillraceError('EVENT_UNKNOWN', { given })
}
