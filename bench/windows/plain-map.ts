/**
 * The least that state kept as text can cost: a map from key to text, decoded, changed and encoded again. It has no
 * windows, timers, undo or commits; what it costs more with more keys is what the machine's memory takes.
 */
export class PlainMap {
  readonly #texts = new Map<string, { text: string }>()
  readonly #keys: number
  #next = 0

  constructor(keys: number) {
    this.#keys = keys
    for (let key = 0; key < keys; key++) this.#texts.set(`card-${key}`, { text: '[1,[1,[5,0],[1,5,0]]]' })
  }

  /** Changes states in an order that jumps about. @returns microseconds of processor time a change */
  measure(changes: number): number {
    const before = process.cpuUsage()
    for (let n = 0; n < changes; n++) {
      this.#next += 7_919
      const held = this.#texts.get(`card-${this.#next % this.#keys}`)!
      const [timeMs, [count, [total, lost], mean]] = JSON.parse(held.text)
      held.text = JSON.stringify([timeMs, [count + 1, [total + 5, lost], [count + 1, mean[1] + 5, mean[2]]]])
    }
    const { user, system } = process.cpuUsage(before)
    return (user + system) / changes
  }
}
