import type { FoldRecord } from '../engine/fold-spec.ts'
import { isAddress, keyAddress, keyOfText, keyText } from '../engine/key.ts'
import type { Identity } from '../engine/lanes.ts'
import type { Place } from '../engine/place.ts'
import { type ErrorCode, type Facts, MillraceError, nameOf } from '../errors.ts'
import type { Stage } from '../processor/plan-types.ts'
import type { SourceKey } from '../processor/program.ts'
import { BEFORE_ALL_TIME } from '../time.ts'
import { base64Text, isBase64Of } from './base64.ts'
import { flawOf, recordLimits } from './flaws.ts'
import {
  IDENTITY_HEADER,
  ORIGIN_HEADER,
  PROGRESS_HEADER,
  parseIdentity,
  parseProgress,
  sourceOffsetOf,
} from './identity.ts'
import type { KafkaEventRecord } from './kafka-event.ts'
import { listOf } from './parking.ts'
import { timeLaneCount, timeLaneOf } from './time-lanes.ts'

/** Turns records of a Lambda event into what the fold takes: checked values, or the reason why not. Never throws for data. */
export type Decode = (record: KafkaEventRecord) => FoldRecord

/**
 * Order of the checks: size, UTF-8, JSON, structure (depth, hostile names, numbers, lengths), schema, time, key.
 * The first that fails names the reason.
 * @throws MillraceError `SCHEMA_ASYNC` (from the decoder) when the schema turns out to be asynchronous
 */
export function decoder(stage: Stage): Decode {
  const { source } = stage.program
  const validate = source.schema?.['~standard'].validate
  const readHeaders = ourHeaders(stage)
  const taken = source.taken?.map(({ processor, generation }) => `${processor}.${generation}.`)

  return (record) => {
    const headers = stage.sourceIsOurs ? readHeaders(record) : undefined
    if (headers === 'invalid') return bad(record, 'HEADER_INVALID')
    if (headers !== undefined && 'progress' in headers)
      return { kind: 'progress', offset: record.offset, ...headers.progress }
    if (taken !== undefined && headers !== undefined && !isOfOne(taken, headers.identity.lane))
      return { kind: 'other', offset: record.offset }
    try {
      return decodeValue(record, headers)
    } catch (error) {
      if (error instanceof MillraceError) {
        if (error.code === 'SCHEMA_ASYNC') throw error
        return bad(record, error.code, error.facts, headers?.identity, held(record))
      }
      const facts = { error: nameOf(error), what: 'record' }
      return bad(record, 'CODE_FAILED', facts, headers?.identity, held(record))
    }
  }

  function held(record: KafkaEventRecord): string | undefined {
    return stage.holdsKeys ? addressByKey(source.key, record) : undefined
  }

  function decodeValue(
    record: KafkaEventRecord,
    headers: Extract<OurHeaders, { identity: Identity }> | undefined,
  ): FoldRecord {
    const value = checkSchema(parse(record.value ?? null))
    const timeMs = headers?.timeMs ?? eventTime(record, value)
    const address = source.key === undefined ? '' : addressOf(source.key, record, value)
    const { identity, timeLane = 0, place } = headers ?? {}
    return { kind: 'value', offset: record.offset, place, timeMs, address, value, identity, timeLane, raw: record }
  }

  function parse(base64: string | null): unknown {
    if (base64 === null) return null
    const text = base64Text(base64, recordLimits.valueBytesMax, 'value', 'NOT_UTF8')
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      throw new MillraceError('NOT_JSON')
    }
    const flaw = flawOf(value)
    if (flaw !== undefined) throw new MillraceError(flaw.code, flaw.facts)
    return value === null ? JSON_NULL : value
  }

  function checkSchema(parsed: unknown): unknown {
    const value = parsed === JSON_NULL ? null : parsed
    if (validate === undefined) return value
    const outcome = validate(value)
    if (outcome instanceof Promise) throw new MillraceError('SCHEMA_ASYNC', { topic: stage.source.name })
    if (outcome.issues === undefined) return outcome.value
    if (parsed === null) throw new MillraceError('NULL_VALUE')
    throw new MillraceError('SCHEMA', { path: pathOf(outcome.issues[0]?.path) })
  }

  function eventTime(record: KafkaEventRecord, value: unknown): number {
    const timeMs = source.timeOf === undefined || value === null ? record.timestamp : source.timeOf(value)
    if (!Number.isSafeInteger(timeMs) || timeMs < 0) throw new MillraceError('TIME_INVALID')
    if (timeMs > record.timestamp + source.maxFutureMs)
      throw new MillraceError('TIME_FUTURE', { maxFutureMs: source.maxFutureMs })
    return timeMs
  }
}

/** @throws MillraceError `KEY_MISSING`, `KEY_MISMATCH`, `KEY_NOT_UTF8`, `TOO_LARGE` */
function addressOf(source: SourceKey, record: KafkaEventRecord, value: unknown): string {
  const base64 = record.key ?? null
  if (base64 === null || base64 === '') throw new MillraceError('KEY_MISSING')
  if (source.kind === 'address' || value === null) return addressIn(source, recordKey(record)!)
  const key = source.keyOf(value)
  // Encoding the short key that must be there is cheaper than decoding the one that is.
  const agrees = typeof key === 'string' && key.length <= recordLimits.keyBytesMax && isBase64Of(base64, key)
  if (!agrees && keyText(key) !== recordKey(record)) throw new MillraceError('KEY_MISMATCH')
  return keyAddress(key)
}

/** @throws MillraceError `KEY_MISMATCH` for a text that no key is written as */
function addressIn(source: SourceKey, text: string): string {
  if (source.kind === 'address') {
    if (!isAddress(text)) throw new MillraceError('KEY_MISMATCH')
    return text
  }
  const key = keyOfText(text, source.format)
  if (key === undefined) throw new MillraceError('KEY_MISMATCH')
  return keyAddress(key)
}

/** The address that the record's key alone tells, whatever its value is; undefined when it tells none. */
function addressByKey(source: SourceKey | undefined, record: KafkaEventRecord): string | undefined {
  try {
    const text = recordKey(record)
    return source === undefined || text === null || text === '' ? undefined : addressIn(source, text)
  } catch {
    return undefined
  }
}

/** The record's key as text; null when it has none. @throws MillraceError `TOO_LARGE`, `KEY_NOT_UTF8` */
export function recordKey(record: KafkaEventRecord): string | null {
  const base64 = record.key ?? null
  return base64 === null ? null : base64Text(base64, recordLimits.keyBytesMax, 'key', 'KEY_NOT_UTF8')
}

// Tells a JSON null from Kafka's null, which is a delete.
const JSON_NULL = Symbol('null')

/** What to take for a record that must not be read: nothing but its headers are looked at, and its key where keys are held. */
export function unread(stage: Stage, record: KafkaEventRecord, code: ErrorCode): FoldRecord {
  const headers = stage.sourceIsOurs ? ourHeaders(stage)(record) : undefined
  if (headers === 'invalid') return bad(record, code)
  const address = stage.holdsKeys ? addressByKey(stage.program.source.key, record) : undefined
  if (headers === undefined) return bad(record, code, {}, undefined, address)
  if ('identity' in headers) return bad(record, code, {}, headers.identity, address)
  return { kind: 'progress', offset: record.offset, timeLane: headers.progress.timeLane, timeMs: BEFORE_ALL_TIME }
}

function bad(
  record: KafkaEventRecord,
  code: ErrorCode,
  facts: Facts = {},
  identity?: Identity,
  address?: string,
): FoldRecord {
  return { kind: 'bad', offset: record.offset, code, facts, raw: record, identity, address }
}

/** Whether the last hop of the lane begins with one of these. */
const isOfOne = (writers: readonly string[], lane: string): boolean =>
  writers.some((writer) => lane.startsWith(writer, lane.lastIndexOf('>') + 1))

type OurHeaders =
  | { identity: Identity; timeMs: number; timeLane: number; place: Place | undefined }
  | { progress: { timeLane: number; timeMs: number } }
  | 'invalid'

/**
 * Reads what the stage upstream wrote beside the value. A record on a topic of ours without it was not written by us.
 * Elsewhere than between two stages nobody sends progress.
 */
function ourHeaders(stage: Stage): (record: KafkaEventRecord) => OurHeaders {
  const timeLanes = timeLaneCount(stage)
  const laneNumber = timeLanes === 0 ? () => 0 : timeLaneOf(stage)

  return (record) => {
    const text = header(record, IDENTITY_HEADER)
    if (text !== undefined) {
      const parsed = parseIdentity(text)
      const timeLane = parsed && laneNumber(parsed.identity.lane)
      if (parsed === undefined || timeLane === undefined) return 'invalid'
      const { identity, timeMs } = parsed
      const place = timeLanes === 0 ? undefined : placeOf(identity, timeLane, record)
      return { identity, timeMs, timeLane, place }
    }
    const progress = parseProgress(header(record, PROGRESS_HEADER) ?? '')
    if (progress === undefined || progress.timeLane >= timeLanes || (record.value ?? null) !== null) return 'invalid'
    return { progress }
  }
}

/** Where the record upstream stood that this one was made of; undefined for what somebody else has written. */
function placeOf(identity: Identity, timeLane: number, record: KafkaEventRecord): Place | undefined {
  const offset = sourceOffsetOf(identity, () => header(record, ORIGIN_HEADER))
  if (offset === undefined) return undefined
  const index = identity.sequence.at(-1)!
  return index === 0 ? [timeLane, offset] : [timeLane, offset, index]
}

/** The first header of that name, as ASCII text. Bytes may come signed. */
function header(record: KafkaEventRecord, name: string): string | undefined {
  for (const each of listOf(record.headers)) {
    const bytes = each?.[name]
    if (bytes !== undefined && !Array.isArray(bytes)) return ''
    if (bytes !== undefined) return bytes.length > 2_000 ? '' : String.fromCharCode(...bytes.map((byte) => byte & 0xff))
  }
  return undefined
}

/**
 * Names of fields only, never what stands in them. In a value that maps ids to things a name is data: one that does not
 * look like a field's is left out, and long paths are cut.
 */
function pathOf(path: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined): string {
  const parts = (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part))
  const shown = parts.slice(0, 8).map((part) => (/^([a-z_$][\w$-]{0,39}|\d{1,5})$/i.test(part) ? part : '*'))
  return parts.length === 0 ? 'its root' : shown.join('.')
}
