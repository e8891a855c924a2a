import { MillraceError } from '../../errors.ts'
import type { Aggregates } from '../aggregates/aggregate.ts'
import type { CaseView } from './case.ts'
import type { ProfileSpec } from './profile.ts'

/** Stretches of time whose results are kept ready: rules ask for those in their parameters. */
const STRETCHES_MAX = 64

/**
 * What rules see of a key's features, by name: of the event that `view` is pointed at. Everything is computed when it is
 * read, once per event: of what is known of a key, one rule mostly reads one thing.
 *
 * Without a prototype: what a rule hands on of it is copied, as it would go on to change.
 */
export function seenOf({ recents, always, previous }: ProfileSpec, view: CaseView): object {
  const seen = Object.create(null) as Record<string, unknown>
  for (const { name, feature } of recents) {
    const stretches = new Map<number, object>()
    seen[name] = (durationMs: number) => {
      if (!(durationMs >= 1 && durationMs <= feature.upToMs))
        throw new MillraceError('CODE_FAILED', { error: `a look back of ${durationMs} ms`, what: 'record' })
      view.recentMs = Math.max(view.recentMs, durationMs)
      let results = stretches.get(durationMs)
      if (results === undefined) {
        if (stretches.size >= STRETCHES_MAX) stretches.clear()
        results = resultsOver(view, feature.aggregates, durationMs)
        stretches.set(durationMs, results)
      }
      return results
    }
  }
  always.forEach(({ name, feature: { aggregate } }, i) => {
    once(view, seen, name, () => aggregate.result(view.always(i) ?? aggregate.initialize()))
  })
  previous.forEach(({ name }, i) => {
    const get = () => {
      view.previous = true
      return view.before(i)
    }
    Object.defineProperty(seen, name, { get, enumerable: true })
  })
  return seen
}

function resultsOver(view: CaseView, aggregates: Aggregates<unknown>, durationMs: number): object {
  const results = Object.create(null) as object
  for (const [name, aggregate] of Object.entries(aggregates))
    once(view, results, name, () => view.over(durationMs, aggregate))
  return results
}

/** A property that is computed when it is first read of an event. */
function once(view: CaseView, on: object, name: string, compute: () => unknown): void {
  let eventNo = -1
  let known: unknown
  const get = () => {
    if (eventNo !== view.eventNo) {
      known = compute()
      eventNo = view.eventNo
    }
    return known
  }
  Object.defineProperty(on, name, { get, enumerable: true })
}
