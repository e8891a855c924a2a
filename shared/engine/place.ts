/**
 * Where an event came from, as state keeps it: its offset in the partition that the stage reads. Behind a re-key, where
 * that offset tells nobody anything, those of the record that the stage upstream read: the number of its partition among
 * all source partitions upstream, its offset, and which of the values that a `flatMap` made of it this is; 0 is left out.
 */
export type Place = number | readonly [timeLane: number, offset: number, index?: number]

/** Where an event's record stands, for whoever looks it up. */
export interface EventPosition {
  /** The topic that the processor is declared to read, also behind `keyBy(fn)` and `cogroup`. */
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Behind `flatMap` and then `keyBy(fn)`: which of the values of the record it is. Absent: 0, the first. */
  readonly index?: number
}

/** The partition that a stage reads. */
export interface Reading {
  readonly topic: string
  readonly partition: number
  /** Topics that were re-keyed into it, by the number of the first partition of each among all of them, ascending. */
  readonly upstream?: readonly { readonly topic: string; readonly firstTimeLane: number }[]
}

/** A place in words that mean something outside of the stage. */
export function positionOf({ topic, partition, upstream = [] }: Reading, place: Place): EventPosition {
  if (typeof place === 'number') return { topic, partition, offset: place }
  const [timeLane, offset, index = 0] = place
  const source = upstream.findLast(({ firstTimeLane }) => firstTimeLane <= timeLane)!
  const position = { topic: source.topic, partition: timeLane - source.firstTimeLane, offset }
  return index === 0 ? position : { ...position, index }
}
