import { type Maker, makerOf } from './makers.ts'
import { oneOf, randomOf } from './random.ts'
import type { Line, LineSource } from './source.ts'

/** Event time of the first record, epoch ms. */
export const FIRST_EVENT_MS = Date.UTC(2026, 0, 1)

const LINES_AT_A_TIME = 500

export interface GeneratorOptions {
  /** Source topics, each one that the generator knows. */
  readonly topics: readonly string[]
  /** undefined: endless. */
  readonly events: number | undefined
  /** Records per second of event time, and so how far the records are apart. */
  readonly ratePerSecond: number
  readonly seed: number
}

/** Records of all topics in one stream: the same bytes for the same topics, seed and rate. More events only add to the end. */
export function generator(options: GeneratorOptions): LineSource {
  const { topics, ratePerSecond, seed } = options
  return {
    id: `generator seed=${seed} rate=${ratePerSecond} topics=${[...topics].sort().join(',')}`,
    linesInAll: () => options.events,
    async *read() {
      const next = stream(options)
      const events = options.events ?? Number.POSITIVE_INFINITY
      for (let made = 0; made < events; ) {
        const count = Math.min(LINES_AT_A_TIME, events - made)
        yield Array.from({ length: count }, () => next(made++))
      }
    },
  }
}

function stream({ topics, ratePerSecond, seed }: GeneratorOptions): (index: number) => Line {
  const names = [...topics].sort()
  const makers = new Map<string, Maker>(names.map((topic) => [topic, makerOf(topic, seed)]))
  const random = randomOf(seed, 'which topic')
  return (index) => {
    const topic = oneOf(random, names)
    const nowMs = FIRST_EVENT_MS + Math.floor((index * 1_000) / ratePerSecond)
    return { topic, content: JSON.stringify(makers.get(topic)!(nowMs)) }
  }
}
