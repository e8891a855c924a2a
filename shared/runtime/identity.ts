import type { Identity } from '../engine/lanes.ts'

/** The header that carries an output's identity and event time: `lane;seq.index;timeMs`, ASCII. */
export const IDENTITY_HEADER = 'mr'
/** The header of a progress record: `time lane;timeMs`. A time lane is a source partition; those of several sources are numbered on. */
export const PROGRESS_HEADER = 'mr-progress'

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

/** undefined for what is no progress record's header. */
export function parseProgress(text: string): { timeLane: number; timeMs: number } | undefined {
  const [lane, time] = text.split(';')
  const timeLane = wholeNumber(lane ?? '')
  const timeMs = wholeNumber(time ?? '')
  return timeLane === undefined || timeMs === undefined ? undefined : { timeLane, timeMs }
}

/** The source partition at the end of a lane: what it was read from by the stage that wrote it. */
export const sourcePartitionOf = (lane: string): number => Number(lane.slice(lane.lastIndexOf('.') + 1))

function wholeNumber(text: string): number | undefined {
  if (!/^\d{1,16}$/.test(text)) return undefined
  const n = Number(text)
  return Number.isSafeInteger(n) ? n : undefined
}
