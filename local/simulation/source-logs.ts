import type { Stage } from '../../shared/processor/plan-types.ts'

interface Entry {
  readonly timeMs: number
  readonly isProgress: boolean
}

/** What was appended to each partition of each topic, as far as invariants need it. */
export class SourceLogs {
  readonly #logs = new Map<string, Entry[]>()
  #highestMs = new Map<string, number>()
  readonly #lastAppendMs = new Map<string, number>()
  nowMs: () => number = () => 0

  open(topic: string, partitions: number): void {
    for (let partition = 0; partition < partitions; partition++) this.#logs.set(`${topic}/${partition}`, [])
  }

  append(topic: string, partition: number, timeMs: number, isProgress: boolean): void {
    const log = this.#logs.get(`${topic}/${partition}`)
    log?.push({ timeMs, isProgress })
    for (const place of [topic, `${topic}/${partition}`])
      this.#highestMs.set(place, Math.max(this.#highestMs.get(place) ?? -1, timeMs))
    this.#lastAppendMs.set(`${topic}/${partition}`, this.nowMs())
  }

  partitions(topic: string): { end: number; silentSinceMs: number }[] {
    const found: { end: number; silentSinceMs: number }[] = []
    for (let place = `${topic}/0`; this.#logs.has(place); place = `${topic}/${found.length}`)
      found.push({
        end: this.#logs.get(place)!.length,
        silentSinceMs: this.#lastAppendMs.get(place) ?? Number.NEGATIVE_INFINITY,
      })
    return found
  }

  /** Records after `from` up to and including `to`; progress is none. */
  records(topic: string, partition: number, from: number, to: number): number {
    let count = 0
    const log = this.#logs.get(`${topic}/${partition}`)!
    for (let offset = from + 1; offset <= to; offset++) if (log[offset]?.isProgress === false) count++
    return count
  }

  /** Highest time of a record so far: behind a re-key, of all partitions upstream. */
  highestMs({ source, upstream }: Stage, partition: number): number {
    const places = upstream.length === 0 ? [`${source.name}/${partition}`] : upstream.map((stage) => stage.source.name)
    return Math.max(...places.map((place) => this.#highestMs.get(place) ?? -1))
  }
}
