import { END_OF_TIME_MS } from '../../../shared/time.ts'
import type { Results } from './arbitraries.ts'
import { type Event, line } from './play.ts'

/** A record with its place in the partition. */
interface Placed extends Event {
  readonly offset: number
}

const placed = (events: readonly Event[]): Placed[] => events.map((event, offset) => ({ ...event, offset }))
const newest = (records: readonly Event[]): number => Math.max(...records.map(({ at }) => at))
const byOffsets = (key: string, records: readonly Placed[], results: Results): string =>
  line(key, records[0]!.offset, records.at(-1)!.offset, results(records), newest(records))

interface Due {
  readonly key: string
  readonly atMs: number
}

/**
 * Goes through the records with the time that they make: what is due by then goes first, by time, then key; in the end
 * all that is due.
 */
function walk(events: readonly Event[], dues: () => Due[], fire: (due: Due) => void, take: Take): void {
  let now = -1
  const advance = (to: number) => {
    for (;;) {
      const [first] = dues()
        .filter(({ atMs }) => atMs <= to)
        .sort((a, b) => a.atMs - b.atMs || (a.key < b.key ? -1 : 1))
      if (first === undefined) break
      fire(first)
    }
    now = to
  }
  for (const event of placed(events)) {
    advance(Math.max(now, event.at))
    take(event, now)
  }
  advance(END_OF_TIME_MS)
}
type Take = (event: Placed, now: number) => void

/** Every `records` records of a key; with `within`, also what is there that long after the first of them came. */
export function naiveEvery(
  records: number,
  within: number | undefined,
  events: readonly Event[],
  results: Results,
): string[] {
  const outputs: string[] = []
  const open = new Map<string, { held: Placed[]; atMs: number }>()
  const goes = (key: string) => {
    outputs.push(byOffsets(key, open.get(key)!.held, results))
    open.delete(key)
  }
  walk(
    events,
    () => (within === undefined ? [] : [...open].map(([key, { atMs }]) => ({ key, atMs }))),
    ({ key }) => goes(key),
    (event, now) => {
      const { held, atMs } = open.get(event.key) ?? { held: [], atMs: now + (within ?? 0) }
      open.set(event.key, { held: [...held, event], atMs })
      if (held.length + 1 === records) goes(event.key)
    },
  )
  return outputs
}

/** After every `every` records of a key the last `records` of it. */
export function naiveLast(records: number, every: number, events: readonly Event[], results: Results): string[] {
  const all = placed(events)
  return all.flatMap((event, i) => {
    const ofKey = all.slice(0, i + 1).filter(({ key }) => key === event.key)
    return ofKey.length % every === 0 ? [byOffsets(event.key, ofKey.slice(-records), results)] : []
  })
}

/** All records of a key, after so many since the last result, or so long after the first of those. */
export function naiveGlobal(
  afterRecords: number | undefined,
  every: number | undefined,
  events: readonly Event[],
  results: Results,
): string[] {
  const outputs: string[] = []
  const held = new Map<string, Placed[]>()
  const waiting = new Map<string, { count: number; atMs: number }>()
  const goes = (key: string) => {
    const all = held.get(key)!
    outputs.push(line(key, 0, END_OF_TIME_MS, results(all), newest(all)))
    waiting.delete(key)
  }
  walk(
    events,
    () => (every === undefined ? [] : [...waiting].map(([key, { atMs }]) => ({ key, atMs }))),
    ({ key }) => goes(key),
    (event, now) => {
      held.set(event.key, [...(held.get(event.key) ?? []), event])
      const { count, atMs } = waiting.get(event.key) ?? { count: 0, atMs: now + (every ?? 0) }
      waiting.set(event.key, { count: count + 1, atMs })
      if (count + 1 === afterRecords) goes(event.key)
    },
  )
  return outputs
}
