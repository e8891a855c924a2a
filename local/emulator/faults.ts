import type { BrokerRecord } from '../../shared/broker/broker.ts'
import { type Random, randomOf } from '../feed/random.ts'

/** An attempt that is about to be made, or was. */
export interface Attempt {
  readonly records: readonly BrokerRecord[]
  /** 1 for the first of a batch. */
  readonly number: number
}

/** What goes wrong between Kafka and a function that has no fault itself. Asked once for each attempt. */
export interface Faults {
  /** The function is not reached: no execution is free. */
  throttle?(attempt: Attempt): boolean
  /** While the function works, its partitions go to another poller, which gives them again. */
  rebalance?(attempt: Attempt): boolean
  /** The function succeeded, but that is forgotten before it is committed: its records are given again. */
  loseCommit?(attempt: Attempt): boolean
}

/** How often each happens, 0 to 1. */
export type FaultRates = { readonly [K in keyof Faults]?: number }

/** Faults by chance, the same for the same seed. */
export function randomFaults(seed: number, rates: FaultRates): Faults {
  const by =
    (random: Random, rate = 0) =>
    (): boolean =>
      random() < rate
  return {
    throttle: by(randomOf(seed, 'throttle'), rates.throttle),
    rebalance: by(randomOf(seed, 'rebalance'), rates.rebalance),
    loseCommit: by(randomOf(seed, 'loseCommit'), rates.loseCommit),
  }
}
