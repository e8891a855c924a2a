import { hours, minutes, ms, seconds } from '#millrace'
import type { Processor } from '../../../shared/processor/outputs.ts'
import type { Scheduler } from './scheduler.ts'

/** A record of the source, with what the oracle is to know of it. */
export interface InputRecord {
  readonly key: string
  /** Text, so that some are no JSON. */
  readonly value: string
  readonly timestampMs: number
}

/** Where a record stands in the source, and letters that do not compress, so that commits fill up. */
export const idOf = (scheduler: Scheduler, partition: number, offset: number): string =>
  `${partition}-${offset}:${Array.from({ length: 14 }, () => scheduler.between(0, 35).toString(36)).join('')}`

/** Where the record of this id stands. */
export const placeOf = (id: string): string => id.split(':')[0]!

/** Time never moves by silence, and no invocation is ever long ago. */
export const punctualOptions = { idleAfter: hours(10), timeout: minutes(14) }

/** Silence closes windows while records are still to come, and records whose function dies for long are parked. */
export const hastyOptions = (scheduler: Scheduler) => ({
  idleAfter: ms(scheduler.between(1_000, 5_000)),
  timeout: seconds(10),
})

/** What one processor's results are, on a topic or in a table, for the oracle. */
export interface Topology {
  readonly name: string
  readonly processors: readonly Processor[]
  readonly source: string
  /** By partition. */
  readonly input: readonly (readonly InputRecord[])[]
  /** The problems of what has come out; empty: none. */
  judge(outcome: Outcome): string[]
}

/** One appended record of a topic. */
export interface Appended {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: string | null
  readonly value: string | null
  readonly timestampMs: number
  readonly headers: Readonly<Record<string, string>>
}

export interface Outcome {
  topic(name: string): readonly Appended[]
  /** The live rows of a table: value by `key|sort`. */
  table(name: string): Readonly<Record<string, unknown>>
}
