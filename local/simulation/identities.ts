import { parseIdentity } from '../../shared/runtime/identity.ts'

interface Appearance {
  readonly problems: readonly string[]
  readonly first: boolean
  readonly lane: string
  readonly sequence: readonly number[]
}

/** Every identity that has appeared: the same one has the same bytes and place, and first appearances come in order. */
export class Identities {
  readonly #contents = new Map<string, string>()
  readonly #highest = new Map<string, readonly number[]>()
  /** Per lane and commit: the numbers of its outputs that are out. */
  readonly #out = new Map<string, Set<number>>()

  get count(): number {
    return this.#contents.size
  }

  appear(topic: string, partition: number, mr: string, content: string): Appearance {
    const { identity } = parseIdentity(mr)!
    const { lane, sequence } = identity
    const problems: string[] = []
    const name = `${topic} ${lane};${sequence.join('.')}`
    const before = this.#contents.get(name)
    const whole = `${mr} ${content}`
    if (before !== undefined && before !== whole) problems.push(`${name} is both ${before} and ${whole}`)
    if (before === undefined) {
      this.#contents.set(name, whole)
      const place = `${lane} ${topic}-${partition}`
      const highest = this.#highest.get(place)
      if (highest !== undefined && isBelow(sequence, highest))
        problems.push(`${name} first appears after ${highest.join('.')}`)
      this.#highest.set(place, sequence)
      this.note(lane, sequence)
    }
    return { problems, first: before === undefined, lane, sequence }
  }

  note(lane: string, [seq, index]: readonly number[]): void {
    const name = `${lane};${seq}`
    const out = this.#out.get(name)
    if (out === undefined) this.#out.set(name, new Set([index!]))
    else out.add(index!)
  }

  /** How many outputs of a commit are out. */
  outputsOf(lane: string, seq: number): number {
    return this.#out.get(`${lane};${seq}`)?.size ?? 0
  }
}

function isBelow(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! < b[i]!
  return a.length < b.length
}
