import { between, oneOf, type Random, randomOf } from '../feed/random.ts'

/** Choices of one seed: the same seed and name give the same choices, whatever dice of other names are asked. */
export class Dice {
  readonly random: Random

  constructor(seed: number, name: string) {
    this.random = randomOf(seed, name)
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.random() < probability
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return between(this.random, low, high)
  }

  pick<T>(items: readonly T[]): T {
    return oneOf(this.random, items)
  }

  /** Letters that do not compress, so that commits fill up. */
  letters(count: number): string {
    return Array.from({ length: count }, () => this.between(0, 35).toString(36)).join('')
  }
}
