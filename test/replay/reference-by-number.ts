import { type Arrived, byCard, type Expected, type Outcome, reachedAfter } from './reference.ts'

const END_OF_TIME_MS = 8_640_000_000_000_000
const allOf = (outcomes: Outcome[], filtered = 0): Expected => ({ outcomes, late: 0, lateWindows: 0, filtered })
const byOffsets = (records: readonly Arrived[]) => ({
  key: records[0]!.cardId,
  start: records[0]!.offset,
  end: records.at(-1)!.offset,
  records,
})

/** Every `size` records of a card, or what is there `withinMs` of stream time after the first of them. */
export function everyRecords(list: readonly Arrived[], size: number, withinMs: number): Expected {
  const outcomes: Outcome[] = []
  for (const records of byCard(list).values())
    for (let i = 0; i < records.length; ) {
      const dueMs = records[i]!.now + withinMs
      const inTime = records.slice(i, i + size).filter(({ now }) => now < dueMs)
      const full = inTime.length === size
      const after = full ? inTime.at(-1)!.offset + 1 : reachedAfter(list, dueMs)
      outcomes.push({ ...byOffsets(inTime), after, dueMs: full ? -1 : dueMs })
      i += inTime.length
    }
  return allOf(outcomes)
}

/** After every `every` records of a card its last `size`. */
export function lastRecords(list: readonly Arrived[], size: number, every: number): Expected {
  const outcomes: Outcome[] = []
  for (const records of byCard(list).values())
    for (let to = every; to <= records.length; to += every) {
      const inside = records.slice(Math.max(0, to - size), to)
      outcomes.push({ ...byOffsets(inside), after: inside.at(-1)!.offset + 1, dueMs: -1 })
    }
  return allOf(outcomes)
}

/** All of a card so far, after `afterRecords` more of them, or `everyMs` of stream time after the first of those. */
export function global(list: readonly Arrived[], afterRecords: number, everyMs: number, start = 0): Expected {
  const outcomes: Outcome[] = []
  for (const [key, records] of byCard(list))
    for (let i = 0; i < records.length; ) {
      const dueMs = records[i]!.now + everyMs
      const inTime = records.slice(i, i + afterRecords).filter(({ now }) => now < dueMs)
      const full = inTime.length === afterRecords
      i += inTime.length
      const after = full ? inTime.at(-1)!.offset + 1 : reachedAfter(list, dueMs)
      const so = { key, start, end: END_OF_TIME_MS, records: records.slice(0, i) }
      outcomes.push({ ...so, after, dueMs: full ? -1 : dueMs })
    }
  return allOf(outcomes)
}

/** All of a card from a time on, at most once in `everyMs` of stream time. */
export function unlimited(list: readonly Arrived[], fromMs: number, everyMs: number): Expected {
  const inside = list.filter(({ at }) => at >= fromMs)
  const { outcomes } = global(inside, Number.POSITIVE_INFINITY, everyMs, fromMs)
  // What is before the start moves time all the same.
  const timed = outcomes.map((each) => ({ ...each, after: reachedAfter(list, each.dueMs) }))
  return allOf(timed, list.length - inside.length)
}
