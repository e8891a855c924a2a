/**
 * Lets work that may kill the function go one by one, after all other work is done: what it notes before it begins is
 * then the only thing that can be to blame.
 */
export class Turns {
  #working = 0
  readonly #waiting: (() => void)[] = []

  /** Work begins. */
  begin(): void {
    this.#working++
  }

  /** Resolves when nobody else is at work; to be called at most once between `begin` and `end`. */
  alone(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.end()
    })
  }

  /** Work has ended, with or without success. */
  end(): void {
    this.#working--
    const next = this.#working === 0 ? this.#waiting.shift() : undefined
    if (next === undefined) return
    this.#working++
    next()
  }
}
