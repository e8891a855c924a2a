import type { Identity } from '../engine/lanes.ts'

/** The header that carries an output's identity and event time: `lane;seq.index;timeMs`, ASCII. */
export const IDENTITY_HEADER = 'mr'
/** The header of a progress record: `time lane;timeMs`. A time lane is a source partition; those of several sources are numbered on. */
export const PROGRESS_HEADER = 'mr-progress'
/** On an internal topic: the source offset of the record that this one was made of, where its identity does not tell it. */
export const ORIGIN_HEADER = 'mo'

/** The lane of a stage's partition; the last part is the partition of the topic that the stage reads. */
export const laneOf = (stage: Writer, partition: number): string => lanePrefixOf(stage) + partition

/** What the lanes of all partitions of a stage begin with. */
export const lanePrefixOf = ({ processor, generation, name }: Writer): string =>
  `${processor}.${generation}${name === 'main' ? '' : `.${name}`}.`

interface Writer {
  readonly processor: string
  readonly generation: number
  readonly name: string
}

export const formatIdentity = ({ lane, sequence }: Identity, timeMs: number): string =>
  `${lane};${sequence.join('.')};${timeMs}`

/**
 * A stateless stage on a topic of ours hands the identity on, extended by itself: minting a new one would make a repeat
 * look like a new record.
 */
export const extendIdentity = (read: Identity, lane: string, index: number): Identity => ({
  lane: `${read.lane}>${lane}`,
  sequence: [...read.sequence, index],
})

/** undefined for what {@link formatIdentity} did not make. */
export function parseIdentity(text: string): { identity: Identity; timeMs: number } | undefined {
  const [lane, sequence, time, more] = text.split(';')
  if (!lane || sequence === undefined || time === undefined || more !== undefined || lane.length > 1_000)
    return undefined
  const timeMs = wholeNumber(time)
  const numbers = sequence.split('.').map(wholeNumber)
  if (timeMs === undefined || numbers.length > 8 || numbers.includes(undefined)) return undefined
  return { identity: { lane, sequence: numbers as number[] }, timeMs }
}

/**
 * Offset of the record that a re-keying stage made a record of: it mints identities of it. One that it has extended is of
 * an earlier topic, and then it says the offset in a header of its own: made part of the identity, it would make a repeat
 * look like a new record.
 */
export function sourceOffsetOf(
  { lane, sequence }: Identity,
  originHeader: () => string | undefined,
): number | undefined {
  return lane.includes('>') ? wholeNumber(originHeader() ?? '') : sequence[0]
}

/** undefined for what is no progress record's header. */
export function parseProgress(text: string): { timeLane: number; timeMs: number } | undefined {
  const [lane, time] = text.split(';')
  const timeLane = wholeNumber(lane ?? '')
  const timeMs = wholeNumber(time ?? '')
  return timeLane === undefined || timeMs === undefined ? undefined : { timeLane, timeMs }
}

function wholeNumber(text: string): number | undefined {
  if (!/^\d{1,16}$/.test(text)) return undefined
  const n = Number(text)
  return Number.isSafeInteger(n) ? n : undefined
}
