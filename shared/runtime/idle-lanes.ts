import type { Stage } from '../processor/plan-types.ts'
import type { Ports } from './ports.ts'
import type { TickItem } from './tick-item.ts'

type Lanes = NonNullable<TickItem['lanes']>

/**
 * For each source partition upstream that the stage above has drained: at which end, and since when it has been so.
 * The source's ends are read before the group's offsets, and both before the ends of the internal topic: what was there
 * then has come through.
 */
export async function drainedLanes(upstream: Stage, ports: Ports, item: TickItem): Promise<Lanes> {
  const ends = await ports.broker.endOffsets(upstream.source.name)
  const committed = await ports.broker.committed(upstream.group, upstream.source.name)
  const nowMs = ports.clock.nowMs()
  const lanes: Record<number, Lanes[number]> = {}
  ends.forEach((end, lane) => {
    if (end > (committed[lane]?.offset ?? 0)) return
    const known = item.lanes?.[lane]
    lanes[lane] = known !== undefined && known.end === end ? known : { end, sinceMs: nowMs }
  })
  return lanes
}

/** Which of `total` lanes have been drained for `idleAfterMs`; undefined for a stage that does not read an internal topic. */
export function idleLanes(
  lanes: Lanes | undefined,
  total: number,
  nowMs: number,
  idleAfterMs: number,
): { lanes: number[]; name: string; all: boolean } | undefined {
  if (lanes === undefined) return undefined
  const entries = Object.entries(lanes)
  const idle = entries.filter(([, { sinceMs }]) => nowMs - sinceMs >= idleAfterMs)
  return {
    lanes: idle.map(([lane]) => Number(lane)),
    // Names this very idleness: a lane that woke up and fell idle again is news.
    name: idle.map(([lane, { sinceMs }]) => `${lane}@${sinceMs}`).join(','),
    all: idle.length === total,
  }
}
