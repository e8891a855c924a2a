import type { Aggregate } from '../aggregates/aggregate.ts'
import type { Panes } from './panes.ts'

/**
 * The states of the windows `starts` (ascending), all of which hold the pane `pivot` or begin after it, in one pass over
 * their panes: each is what comes before the pivot, merged from there backwards, and what comes from it on.
 */
export function statesAround(
  all: Panes,
  aggregate: Aggregate<unknown, unknown, object>,
  starts: readonly number[],
  sizeMs: number,
  pivot: number,
): [start: number, state: unknown][] {
  if (starts.length === 0) return []
  const panes = all.range(starts[0]!, starts.at(-1)! + sizeMs)
  const merge = (a: unknown, b: unknown): unknown => (a === undefined ? b : aggregate.merge(a, b))
  const at = panes.findIndex(([start]) => start >= pivot)
  const backwards: unknown[] = []
  for (let i = at - 1; i >= 0; i--)
    backwards[i] = i === at - 1 ? panes[i]![1][1] : aggregate.merge(panes[i]![1][1], backwards[i + 1])
  let first = 0
  let next = at
  let onwards: unknown
  return starts.map((start) => {
    while (panes[first]![0] < start) first++
    for (; next < panes.length && panes[next]![0] < start + sizeMs; next++) onwards = merge(onwards, panes[next]![1][1])
    // A window that begins after the pivot lacks what the others have in common.
    if (start > pivot) return [start, panes.slice(first, next).reduce(withPane, undefined)]
    return [start, merge(backwards[first], onwards)]
  })

  function withPane(state: unknown, [, pane]: readonly [number, readonly [number, unknown, unknown?]]): unknown {
    return merge(state, pane[1])
  }
}
