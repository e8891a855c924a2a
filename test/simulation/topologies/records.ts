import type { Moment } from '../../../local/simulation/commit-log.ts'
import type { Dice } from '../../../local/simulation/dice.ts'
import type { InputRecord } from '../../../local/simulation/topology.ts'

/** Event time of the first records, epoch ms. */
export const START_MS = 1_760_000_000_000

const HOURS = 3_600_000

/** Time never moves by silence, and no invocation is ever long ago. */
export const punctualTimes = { idleAfterMs: 10 * HOURS, timeoutMs: 10_000 * HOURS }

/** Silence closes windows while records are still to come, and records whose function dies for long are parked. */
export const hastyTimes = (dice: Dice) => ({ idleAfterMs: dice.between(1_000, 5_000), timeoutMs: 10_000 })

/** Where a record stands in the source, and letters that do not compress. */
export const idOf = (dice: Dice, partition: number, offset: number): string =>
  `${partition}-${offset}:${dice.letters(14)}`

/** Where the record of this id stands. */
export const placeOf = (id: string): string => id.split(':')[0]!

export const placesOf = (input: readonly (readonly InputRecord[])[]): string[] =>
  input.flatMap((records, partition) => records.map((_, offset) => `${partition}-${offset}`)).toSorted()

/** Event times of one partition: they go on, stand still, leap over many windows, and some lie behind. */
export function eventTimes(dice: Dice, inOrder = false): () => number {
  let nowMs = START_MS
  return () => {
    nowMs += dice.chance(0.03) ? dice.between(40_000, 90_000) : dice.between(0, 4_000)
    return inOrder || dice.chance(0.75) ? nowMs : Math.max(START_MS, nowMs - dice.between(0, 40_000))
  }
}

/** A record as a producer sends it; now and then one that nobody can use. */
export function recordOf<T extends { readonly at: number }>(dice: Dice, key: string, value: T): InputRecord {
  const text = JSON.stringify(value)
  const sound = { key, value: text, timestampMs: value.at }
  if (!dice.chance(0.06)) return sound
  return dice.pick<InputRecord>([
    { ...sound, value: text.slice(1) },
    { ...sound, value: null },
    { ...sound, key: `${key}?` },
    { ...sound, timestampMs: value.at - 120_000 },
  ])
}

/** What became known only while it ran: a reference takes it as given. */
export interface Circumstances {
  /** Where ticks moved time. */
  readonly moments: readonly Moment[]
  /** Offsets that were never read. */
  readonly skipped: ReadonlySet<number>
  /** Keys that were forgotten after the record at `offset`; what was out before. */
  readonly forgotten?: readonly Forgotten[]
  /** Offsets of records that were parked because the function died on them. */
  readonly killed: ReadonlySet<number>
}

export interface Forgotten {
  readonly offset: number
  readonly keys: readonly string[]
  isOut(name: string): boolean
}

/** The value of a record that can be used; undefined: it must be parked, and moves nothing. */
export function soundValue<T extends { readonly at: number }>(
  { key, value, timestampMs }: InputRecord,
  keyOf: (value: T) => string,
): T | undefined {
  if (value === null || !value.startsWith('{')) return undefined
  const parsed = JSON.parse(value) as T
  return parsed.at > timestampMs + 60_000 || keyOf(parsed) !== key ? undefined : parsed
}
