import { Dice } from './dice.ts'

const AWAKENING = 0.003

interface Waiting {
  readonly who: string
  readonly what: string
  readonly run: () => void
}

/** One thing that happened. */
export interface Step {
  /** Virtual wall clock, epoch ms. */
  readonly atMs: number
  /** An environment, a mapping, or the world. */
  readonly who: string
  readonly what: string
}

/**
 * All that may happen next. One thing at a time does, chosen by the seed, with everything that follows from it at once:
 * the code under test owns no timer and waits for nothing but its ports.
 */
export class Scheduler {
  readonly dice: Dice
  /** What has happened, in order: the schedule of a failing seed. */
  readonly trace: Step[] = []
  /** Epoch ms; moves on a little with every step. */
  nowMs: number
  readonly #waiting: Waiting[] = []
  /** Steps that are long in coming: seldom chosen while others wait. */
  readonly #sleeping: Waiting[] = []

  constructor(seed: number, startMs: number) {
    this.dice = new Dice(seed, 'schedule')
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
  add(who: string, what: string, run: () => void, asleep = false): void {
    ;(asleep ? this.#sleeping : this.#waiting).push({ who, what, run })
  }

  /** For the schedule's reader. */
  note(who: string, what: string): void {
    this.trace.push({ atMs: this.nowMs, who, what })
  }

  /** Lets one of the waiting things happen. */
  async step(): Promise<void> {
    const asleep = this.#waiting.length === 0 || (this.#sleeping.length > 0 && this.dice.chance(AWAKENING))
    const steps = asleep ? this.#sleeping : this.#waiting
    const index = this.dice.between(0, steps.length - 1)
    const step = steps[index]!
    steps[index] = steps.at(-1)!
    steps.pop()
    this.nowMs += this.dice.between(0, 20)
    await this.now(step.who, step.what, step.run)
  }

  /** Lets this happen. */
  async now(who: string, what: string, run: () => void): Promise<void> {
    this.note(who, what)
    await this.settle(run)
  }

  /** Lets this happen, and all that follows from it; no step of its own for the schedule's reader. */
  settle(run?: () => void): Promise<void> {
    run?.()
    // Its turn comes when no promise has anything left to do; a turn of the event loop would take longer.
    return new Promise((resolve) => process.nextTick(resolve))
  }
}
