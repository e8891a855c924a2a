import { between, mulberry32, type Random } from '../../reference/random.ts'

const AWAKENING = 0.003

interface Step {
  readonly label: string
  readonly run: () => void
}

/**
 * All that may happen next. One thing at a time does, chosen by the seed, with everything that follows from it at once:
 * the code under test owns no timer and waits for nothing but its ports.
 */
export class Scheduler {
  readonly random: Random
  /** What has happened, in order: the schedule of a failing seed. */
  readonly trace: string[] = []
  /** Epoch ms; moves on a little with every step. */
  nowMs: number
  readonly #waiting: Step[] = []
  /** Steps that are long in coming: seldom chosen while others wait. */
  readonly #sleeping: Step[] = []

  constructor(seed: number, startMs: number) {
    this.random = mulberry32(seed)
    this.nowMs = startMs
  }

  /** Steps that may happen, those that are long in coming included. */
  get waiting(): number {
    return this.awake + this.#sleeping.length
  }
  get awake(): number {
    return this.#waiting.length
  }

  /** Something that may happen at any later time; `asleep`: probably much later. */
  add(label: string, run: () => void, asleep = false): void {
    ;(asleep ? this.#sleeping : this.#waiting).push({ label, run })
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return probability > 0 && this.random() < probability
  }

  between(low: number, high: number): number {
    return between(this.random, low, high)
  }

  pick<T>(items: readonly T[]): T {
    return items[this.between(0, items.length - 1)]!
  }

  /** Lets one of the waiting things happen. */
  async step(): Promise<void> {
    const asleep = this.#waiting.length === 0 || (this.#sleeping.length > 0 && this.chance(AWAKENING))
    const steps = asleep ? this.#sleeping : this.#waiting
    const index = this.between(0, steps.length - 1)
    const step = steps[index]!
    steps[index] = steps.at(-1)!
    steps.pop()
    this.nowMs += this.between(0, 20)
    await this.now(step.label, step.run)
  }

  /** Lets this happen. */
  async now(label: string, run: () => void): Promise<void> {
    this.trace.push(label)
    run()
    await everythingThatFollows()
  }
}

/** The event loop goes on only when no promise has anything left to do. */
const everythingThatFollows = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
