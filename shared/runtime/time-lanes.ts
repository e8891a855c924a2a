import type { Reading } from '../engine/place.ts'
import type { Stage } from '../processor/plan-types.ts'
import { lanePrefixOf } from './identity.ts'

/** How many source partitions upstream a stage has; 0 unless it reads an internal topic. */
export const timeLaneCount = ({ upstream }: Stage): number =>
  upstream.reduce((sum, { source }) => sum + source.partitions, 0)

/** Number of the first source partition of a stage that writes an internal topic, among those of all its writers. */
export const firstTimeLane = (writer: Stage): number => writer.program.stateless!.rekey!.firstTimeLane

/**
 * The number of the source partition upstream that a lane comes from, by what stands behind the last `>`.
 * @returns a function that gives undefined for a lane of none of the stages upstream
 */
export function timeLaneOf({ upstream }: Stage): (lane: string) => number | undefined {
  const writers = new Map(
    upstream.map((stage) => [lanePrefixOf(stage), { first: firstTimeLane(stage), count: stage.source.partitions }]),
  )
  return (lane) => {
    const end = lane.lastIndexOf('.') + 1
    const writer = writers.get(lane.slice(lane.lastIndexOf('>') + 1, end))
    const partition = Number(lane.slice(end))
    if (writer === undefined || !Number.isInteger(partition) || partition < 0 || partition >= writer.count)
      return undefined
    return writer.first + partition
  }
}

/** A partition that a stage reads, with where its records come from. */
export const readingOf = ({ source, upstream }: Stage, partition: number): Reading => ({
  topic: source.name,
  partition,
  upstream: upstream.map((writer) => ({ topic: writer.source.name, firstTimeLane: firstTimeLane(writer) })),
})
