import type { Aggregate } from '../../../shared/engine/aggregates/aggregate.ts'

export interface Event {
  readonly n: number
  readonly at: number
}

export const n = (event: Event): number => event.n

/** One event a millisecond. */
export const eventsOf = (numbers: readonly number[]): Event[] => numbers.map((each, at) => ({ n: each, at }))

/** The state of the events, which goes through JSON between any two of them. */
export function fold<In extends { readonly at: number }, State>(
  aggregate: Aggregate<In, State, unknown>,
  events: readonly In[],
): State {
  return events.reduce(
    (state, event) => JSON.parse(JSON.stringify(aggregate.add(state, event, event.at))) as State,
    aggregate.initialize(),
  )
}

export const resultOf = <In extends { readonly at: number }, State, Result>(
  aggregate: Aggregate<In, State, Result>,
  events: readonly In[],
): Result => aggregate.result(fold(aggregate, events))

/** The state of the events cut into `parts`, each folded by itself, merged pair by pair as `seed` has it. */
export function foldInParts<In extends { readonly at: number }, State>(
  aggregate: Aggregate<In, State, unknown>,
  parts: readonly (readonly In[])[],
  seed: number,
): State {
  const random = randomFrom(seed)
  const states = parts.map((part) => fold(aggregate, part))
  while (states.length > 1) {
    const at = Math.floor(random() * (states.length - 1))
    const merged = aggregate.merge(states[at]!, states[at + 1]!)
    states.splice(at, 2, JSON.parse(JSON.stringify(merged)) as State)
  }
  return states[0] ?? aggregate.initialize()
}

/** Numbers from 0 up to 1, always the same ones for a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
