import { createHash } from 'node:crypto'
import type { Stage } from '../processor/plan-types.ts'
import type { Ports } from './ports.ts'
import type { TickItem } from './tick-item.ts'
import { firstTimeLane, timeLaneCount } from './time-lanes.ts'

type Lanes = NonNullable<TickItem['lanes']>

/**
 * For each source partition upstream that its stage has drained: at which end, and since when it has been so; undefined
 * for a stage that does not read an internal topic. The source's ends are read before the group's offsets, and both before
 * the ends of the internal topic: what was there then has come through.
 */
export async function drainedLanes({ upstream }: Stage, ports: Ports, item: TickItem): Promise<Lanes | undefined> {
  if (upstream.length === 0) return undefined
  const all: Record<number, Lanes[number]> = {}
  for (const writer of upstream) Object.assign(all, await drainedBy(writer, ports, item))
  return all
}

async function drainedBy(upstream: Stage, ports: Ports, item: TickItem): Promise<Lanes> {
  const ends = await ports.broker.endOffsets(upstream.source.name)
  const committed = await ports.broker.committed(upstream.group, upstream.source.name)
  const nowMs = ports.clock.nowMs()
  const lanes: Record<number, Lanes[number]> = {}
  for (const [partition, end] of ends.entries()) {
    const from = committed[partition]?.offset ?? 0
    if (end > from && (await hasRecords(upstream, ports, partition, from, end))) continue
    const lane = firstTimeLane(upstream) + partition
    const known = item.lanes?.[lane]
    lanes[lane] = known !== undefined && known.end === end ? known : { end, sinceMs: nowMs }
  }
  return lanes
}

/** False where only markers of transactions stand between the two offsets, or what stood there has expired. */
async function hasRecords(
  upstream: Stage,
  ports: Ports,
  partition: number,
  from: number,
  end: number,
): Promise<boolean> {
  const [first] = await ports.broker.fetch(upstream.source.name, partition, from, { maxRecords: 1, maxBytes: 1 })
  return first !== undefined && first.offset < end
}

/** Source partitions upstream that time need not wait for. */
export interface IdleLanes {
  readonly lanes: readonly number[]
  /** Names this very idleness: a lane that woke up and fell idle again is news. */
  readonly name: string
  /** No other lane is left. */
  readonly all: boolean
}

/** Which lanes have been drained for `idleAfter`; undefined for a stage that does not read an internal topic. */
export function idleLanes(stage: Stage, lanes: Lanes | undefined, nowMs: number): IdleLanes | undefined {
  if (lanes === undefined) return undefined
  const idle = Object.entries(lanes).filter(([, { sinceMs }]) => nowMs - sinceMs >= stage.idleAfterMs)
  return {
    lanes: idle.map(([lane]) => Number(lane)),
    name: nameOf(idle.map(([lane, { sinceMs }]) => `${lane}@${sinceMs}`)),
    all: idle.length === timeLaneCount(stage),
  }
}

/**
 * Those that are idle still, once the state has been read: nothing that this state has heard of a lane came after it was
 * found to be drained.
 */
export async function stillIdle(stage: Stage, ports: Ports, lanes: Lanes, nowMs: number): Promise<IdleLanes> {
  const ends = (await Promise.all(stage.upstream.map(({ source }) => ports.broker.endOffsets(source.name)))).flat()
  const same = Object.entries(lanes).filter(([lane, { end }]) => ends[Number(lane)] === end)
  return idleLanes(stage, Object.fromEntries(same), nowMs)!
}

/** Short, whatever the number of lanes: it stands in the tick's item once per partition. */
const nameOf = (lanes: readonly string[]): string =>
  createHash('sha256').update(lanes.join(',')).digest('base64url').slice(0, 16)
