import type { Appended } from './topology.ts'

/** Where two JSON values differ: at most five sentences, none when they are equal. */
export function differences(what: string, found: unknown, expected: unknown): string[] {
  const problems: string[] = []
  compare(what, found, expected, problems)
  return problems.length > 5 ? [...problems.slice(0, 5), `${what}: and ${problems.length - 5} more`] : problems
}

function compare(what: string, found: unknown, expected: unknown, problems: string[]): void {
  if (isObject(found) && isObject(expected)) {
    for (const name of new Set([...Object.keys(expected), ...Object.keys(found)]))
      compare(`${what}.${name}`, found[name], expected[name], problems)
  } else if (Array.isArray(found) && Array.isArray(expected)) {
    const [there, due] = [timesIn(found), timesIn(expected)]
    for (const each of new Set<unknown>([...expected, ...found])) {
      const [times, wanted] = [there.get(each) ?? 0, due.get(each) ?? 0]
      if (times !== wanted) problems.push(`${what}: ${JSON.stringify(each)} is there ${times} times, not ${wanted}`)
    }
  } else if (JSON.stringify(found) !== JSON.stringify(expected))
    problems.push(`${what} is ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`)
}

function timesIn(list: readonly unknown[]): Map<unknown, number> {
  const times = new Map<unknown, number>()
  for (const item of list) times.set(item, (times.get(item) ?? 0) + 1)
  return times
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Folds items by name. */
export function latestOf<Item, Held>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  fold: (held: Held | undefined, item: Item) => Held,
): Record<string, Held> {
  const held: Record<string, Held> = {}
  for (const item of items) held[nameOf(item)] = fold(held[nameOf(item)], item)
  return held
}

/** The first appearance of every identity; progress records are none. */
export function withoutRepeats(records: readonly Appended[]): Appended[] {
  const seen = new Set<string>()
  return records.filter(({ topic, headers: { mr } }) => {
    if (mr === undefined) return false
    const identity = `${topic} ${mr.slice(0, mr.lastIndexOf(';'))}`
    if (seen.has(identity)) return false
    seen.add(identity)
    return true
  })
}
