import { allParts, type PartSpec, stepsOf } from './declaration.ts'

/** Bit of each step's condition and of each `until`: first all conditions in the order of the steps, then the untils. */
export class ConditionBits {
  readonly #steps: ReadonlyMap<PartSpec, number>
  readonly #untils: ReadonlyMap<PartSpec, number>

  constructor(parts: readonly PartSpec[]) {
    const steps = stepsOf(parts)
    const looping = allParts(parts).filter((part) => part.until !== undefined)
    this.#steps = new Map(steps.map((step, i) => [step, i]))
    this.#untils = new Map(looping.map((part, i) => [part, 1 << (steps.length + i)]))
  }

  /** Number of a step. */
  step(step: PartSpec): number {
    return this.#steps.get(step)!
  }

  take(step: PartSpec): number {
    return 1 << this.step(step)
  }

  /** 0: none. */
  until(part: PartSpec): number {
    return this.#untils.get(part) ?? 0
  }
}
