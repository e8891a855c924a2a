import { Dice } from './dice.ts'

/** How often each kind of fault strikes where it can, on the average of all seeds. */
const usual = {
  // At a call of a port.
  /** The environment dies before the call takes effect, or after. */
  'crash-before': 0.02,
  'crash-after': 0.02,
  /** An error is answered, and the call had no effect, has had it, will have it later, or has had a part of it. */
  'not-done': 0.02,
  'done-but-failed': 0.02,
  'done-later': 0.03,
  'done-in-part': 0.05,
  /** The service refuses this call, and the next ones, of all environments. */
  throttled: 0.004,
  /** A put that was applied is answered as refused: a retry inside the client met its own write. */
  'refused-by-itself': 0.02,
  /** A call or its answer is long in coming. */
  slow: 0.02,
  /** The commit of a tick is: a batch may be faster. */
  'slow-tick': 0.2,
  // At an invocation.
  /** The deadline comes early, and the function sees it. */
  'short-of-time': 0.08,
  /** The function is killed by its time-out, wherever it is. */
  'timed-out': 0.02,
  /** While a batch is in flight its partitions go to another poller, and what it answers is not heard. */
  abandoned: 0.015,
  /** Another mapping takes the place of one that has batches in flight, and delivers them too. */
  'two-owners': 0.02,
  /** The function is not reached: no execution is free. */
  'function-throttled': 0.03,
  /** The mapping forgets that a batch succeeded. */
  'not-committed': 0.08,
  /** What succeeded is delivered once more. */
  duplicated: 0.05,
  /** A mapping, as long as it lives, delivers what failed in halves. */
  bisected: 0.3,
  /** The group's offset goes back; or forward, over records that are not read. */
  rewound: 0.01,
  'reset-forward': 0.003,
  /** An environment that does nothing is taken away. */
  reclaimed: 0.01,
  /** A second tick begins with the first; records and a batch come on its heels; it begins while a batch runs, or while records wait. */
  'tick-twice': 0.5,
  'batch-races-tick': 0.3,
  'tick-races-batch': 0.5,
  'tick-during-lag': 0.5,
  // At a new environment.
  /** Its clock is up to ten minutes off. */
  'skewed-clock': 0.15,
  /** It runs code whose state means something else; or that would lay out new journals otherwise. */
  'other-code': 0.05,
  'other-layout': 0.1,
  // To the topics.
  /** An output topic has more partitions from now on. */
  'output-grown': 0.004,
  /** A source topic is deleted and made anew. */
  'source-made-anew': 0.004,
} as const

/** What an operator does about parked records, where a run is about code that is mended. */
const byOperators = {
  /** Some records are redriven; are given up instead; the same ones are redriven once more, or a batch comes, at the same time. */
  redriven: 0.3,
  'given-up': 0.15,
  'redriven-twice': 0.3,
  'batch-races-redrive': 0.3,
  /** The commit of a redrive is long in coming. */
  'slow-redrive': 0.2,
  /** A stretch of a partition is skipped. */
  skipped: 0.02,
  /** The state of a key is erased. */
  forgotten: 0.03,
} as const

type Usual = keyof typeof usual
type ByOperator = keyof typeof byOperators
export type FaultKind = Usual | ByOperator
const usualKinds = Object.keys(usual) as Usual[]
const kindsByOperators = Object.keys(byOperators) as ByOperator[]
export const faultKinds: readonly FaultKind[] = [...usualKinds, ...kindsByOperators]

/** Kinds that change what a run is about: most seeds have none of them. */
const seldom: readonly FaultKind[] = ['source-made-anew', 'reset-forward', 'other-code']
const mixture = [0, 0.5, 1, 2, 4]
const seldomMixture = [0, 0, 0, 0, 0, 0, 0, 0, 0, 2]

/** What is left out of a seed's faults; for shrinking one that fails. */
export interface FaultChoice {
  readonly without?: readonly FaultKind[] | undefined
  /** Only these, by their numbers. */
  readonly only?: readonly number[] | undefined
}

/**
 * Says where faults strike. Each seed has a mixture of its own: some kinds never happen in it, some often. Every fault has
 * a number, counted from 1 as they strike.
 */
export class Faults {
  /** The numbers of those that struck. */
  readonly struck: number[] = []
  readonly #dice: Dice
  readonly #rates: Readonly<Record<FaultKind, number>>
  readonly #only: ReadonlySet<number> | undefined
  readonly #strikes: (kind: FaultKind, number: number) => void
  #number = 0
  #calm = false

  constructor(seed: number, { without = [], only }: FaultChoice, strikes: (kind: FaultKind, number: number) => void) {
    this.#dice = new Dice(seed, 'faults')
    this.#only = only && new Set(only)
    this.#strikes = strikes
    const rate = (kind: Usual) => usual[kind] * this.#dice.pick(seldom.includes(kind) ? seldomMixture : mixture)
    // Dice of their own: runs that have no operator are not changed by them.
    const operator = new Dice(seed, 'operator')
    const rates = [
      ...usualKinds.map((kind) => [kind, rate(kind)] as const),
      ...kindsByOperators.map((kind) => [kind, byOperators[kind] * operator.pick(mixture)] as const),
    ]
    this.#rates = Object.fromEntries(rates.map(([kind, rate]) => [kind, without.includes(kind) ? 0 : rate])) as Record<
      FaultKind,
      number
    >
  }

  /** From now on there are none. */
  calm(): void {
    this.#calm = true
  }

  get isCalm(): boolean {
    return this.#calm
  }

  /** Whether this kind strikes here. */
  strikes(kind: FaultKind): boolean {
    // Asked or not, the dice are thrown: leaving one fault out moves as few others as can be.
    const thrown = this.#dice.random()
    if (this.#calm || thrown >= this.#rates[kind]) return false
    const number = ++this.#number
    if (this.#only !== undefined && !this.#only.has(number)) return false
    this.struck.push(number)
    this.#strikes(kind, number)
    return true
  }
}
