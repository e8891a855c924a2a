import type { Scheduler } from './scheduler.ts'

/** What may go wrong with one call of a port. */
export type CallFault =
  /** The environment dies before the call takes effect, or after. */
  | 'crash-before'
  | 'crash-after'
  /** An error is answered, and the call had no effect, has had it, will have it later, or has had a part of it. */
  | 'not-done'
  | 'done'
  | 'done-later'
  | 'done-in-part'
  /** A put that was applied is answered as refused: a retry inside the client met its own write. */
  | 'refused-by-itself'

/** Probabilities. */
export type Faults = Readonly<Record<CallFault | InvocationFault, number>>

export type InvocationFault =
  /** A call or its answer is long in coming. */
  | 'slow'
  /** The mapping gives an invocation up while it goes on, and invokes anew. */
  | 'abandoned'
  /** The deadline comes early. */
  | 'short-of-time'
  /** The mapping forgets that a batch succeeded; or, for what it has had before, the group's offset goes back. */
  | 'not-committed'
  | 'rewound'
  /** An environment that does nothing is taken away. */
  | 'reclaimed'

const typical: Faults = {
  'crash-before': 0.02,
  'crash-after': 0.02,
  'not-done': 0.02,
  done: 0.02,
  'done-later': 0.04,
  'done-in-part': 0.05,
  'refused-by-itself': 0.02,
  slow: 0.02,
  abandoned: 0.02,
  'short-of-time': 0.1,
  'not-committed': 0.1,
  rewound: 0.01,
  reclaimed: 0.01,
}

export const noFaults: Faults = Object.fromEntries(Object.keys(typical).map((kind) => [kind, 0])) as Faults

/** Each seed has a mixture of its own: some kinds never happen in it, some often. */
export function mixedFaults(scheduler: Scheduler): Faults {
  const rate = (usual: number) => usual * scheduler.pick([0, 0.5, 1, 2, 4])
  return Object.fromEntries(Object.entries(typical).map(([kind, usual]) => [kind, rate(usual)])) as Faults
}

/** The fault of one call, if any. */
export function callFault(scheduler: Scheduler, faults: Faults, possible: readonly CallFault[]): CallFault | undefined {
  let left = scheduler.random()
  for (const kind of possible) {
    left -= faults[kind]
    if (left < 0) return kind
  }
  return undefined
}
