import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Key } from '../engine/key.ts'
import { MillraceError } from '../errors.ts'
import { type DurationMs, days, isDuration, seconds } from '../time.ts'
import { checkOptions, checkTopicName } from './check.ts'

export type { Key } from '../engine/key.ts'

/**
 * What a topic is, apart from its name. `T` is what callbacks see (the schema's output), `In` what may be written to it.
 */
export interface TopicOptions<In, T, K extends Key> {
  /** Any synchronous Standard Schema (zod, valibot, arktype …). Null values are deletes where it accepts null. */
  schema: StandardSchemaV1<In, T>
  /**
   * The record's key, from its value: as it was read (what the schema makes of it) and as it is about to be written (what
   * the schema takes). Needed for `.keyBy()`. Without it, outputs keep the key they were made under.
   */
  key?: (value: NonNullable<Written<In, T>> | NonNullable<T>) => K
  /**
   * What the key's text stands for where there is no value to take the key from (a delete): itself, or a key that is not a
   * string (a number, a boolean, a list, an object) as JSON without spaces, names sorted. Default 'text'.
   */
  keyFormat?: 'text' | 'json'
  /** Event time in epoch ms, from the value. Default: the record's own timestamp. */
  time?: (value: NonNullable<T>) => number
  /** Default 12. Raising it later moves keys to other partitions: make a new topic instead. */
  partitions?: number
  /** How long the broker keeps records; at least as long as the longest outage to survive. Default 7 days. */
  retention?: DurationMs
  /** The newest record of each key is kept for ever. Default false. */
  compacted?: boolean
  /** The topic is there already and is not ours to create. Default false. */
  exists?: boolean
  /** How far event time may be ahead of the record's own timestamp; beyond it the record is parked. Default 60 s. */
  maxFuture?: DurationMs
}

/** What may be written to a topic: what its schema takes; where that is anything, what it makes of it. */
export type Written<In, T> = unknown extends In ? T : In

export interface Topic<In = unknown, T = unknown, K extends Key = Key> {
  readonly kind: 'topic'
  readonly name: string
  readonly schema: StandardSchemaV1<In, T>
  /** The record's key, from its value, as read or as about to be written. */
  key?(value: NonNullable<T>): K
  readonly keyFormat: 'text' | 'json'
  /** Event time in epoch ms, from the value. */
  time?(value: NonNullable<T>): number
  readonly partitions: number
  readonly retentionMs: number
  readonly compacted: boolean
  readonly exists: boolean
  readonly maxFutureMs: number
}

/** What keys may be where deletes (null) are told from values by their key's text alone: strings, unless it is JSON. */
type KeyOf<T, Format> = null extends T ? (Format extends 'json' ? Key : string) : Key

const defaults = {
  keyFormat: 'text' as 'text' | 'json',
  partitions: 12,
  retention: days(7),
  compacted: false,
  exists: false,
  maxFuture: seconds(60),
}
const known = ['schema', 'key', 'time', ...Object.keys(defaults)]

/**
 * Declares a Kafka topic.
 *
 * @throws MillraceError `NAME_INVALID`, `OPTION_UNKNOWN`, `OPTION_INVALID`, `DURATION_INVALID`
 * @example topic('payments', { schema: z.object({ id: z.string(), at: z.number() }), key: (p) => p.id, time: (p) => p.at })
 */
export function topic<In, T, const K extends KeyOf<T, Format> = string, Format extends 'text' | 'json' = 'text'>(
  name: string,
  options: TopicOptions<In, T, K> & { keyFormat?: Format },
): Topic<In, T, K> {
  const where = `topic(${JSON.stringify(name)})`
  checkTopicName(name)
  checkOptions(where, options, known)
  const o = { ...defaults, ...options }
  if (typeof o.schema?.['~standard']?.validate !== 'function')
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'schema',
      given: typeof o.schema,
      must: 'a Standard Schema, such as z.object({ … })',
    })
  if (!Number.isSafeInteger(o.partitions) || o.partitions < 1 || o.partitions > 1_000)
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'partitions',
      given: o.partitions,
      must: 'a whole number from 1 to 1000',
    })
  for (const option of ['key', 'time'] as const)
    if (o[option] !== undefined && typeof o[option] !== 'function')
      throw new MillraceError('OPTION_INVALID', {
        where,
        option,
        given: typeof o[option],
        must: 'a function of the value',
      })
  if (o.keyFormat !== 'text' && o.keyFormat !== 'json')
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'keyFormat',
      given: o.keyFormat,
      must: "'text' or 'json'",
    })
  if (!isDuration(o.retention, 60_000))
    throw new MillraceError('DURATION_INVALID', { where, option: 'retention', given: o.retention, min: 60_000 })
  if (!isDuration(o.maxFuture))
    throw new MillraceError('DURATION_INVALID', { where, option: 'maxFuture', given: o.maxFuture, min: 0 })
  return Object.freeze({
    kind: 'topic',
    name,
    schema: o.schema,
    ...(o.key !== undefined && { key: o.key }),
    keyFormat: o.keyFormat,
    ...(o.time !== undefined && { time: o.time }),
    partitions: o.partitions,
    retentionMs: o.retention,
    compacted: o.compacted,
    exists: o.exists,
    maxFutureMs: o.maxFuture,
  })
}
