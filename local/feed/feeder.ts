import type { PlannedTopic } from '../../shared/processor/plan-types.ts'
import type { OutgoingRecord, TopicSink } from '../../shared/sinks/sink.ts'
import type { Clock } from '../emulator/clock.ts'
import { place } from './keyer.ts'
import type { Fed } from './ledger.ts'
import { Pace } from './pace.ts'
import type { Line, LineSource } from './source.ts'

export interface FeederOptions {
  readonly source: LineSource
  readonly topics: ReadonlyMap<string, Pick<PlannedTopic, 'declaration' | 'partitions'>>
  readonly sink: Pick<TopicSink, 'append'>
  readonly clock: Clock
  /** Records that each partition has already from an earlier run: as many of its lines are passed over. */
  readonly fed: Fed
  /** undefined: as fast as there is room. */
  readonly ratePerSecond: number | undefined
  /** Resolves when the readers are not too far behind for so many more. */
  readonly room: (records: number) => Promise<void>
}

const NO_HEADERS = {}

/** Feeds a source's lines to their topics: in order per partition, each line once. */
export class Feeder {
  readonly #options: FeederOptions
  readonly #toSkip: Map<string, number[]>
  readonly #pace: Pace
  #endWait: () => void = () => undefined
  #stopping = false
  #appended = 0
  #skipped = 0

  constructor(options: FeederOptions) {
    this.#options = options
    this.#toSkip = new Map([...options.fed].map(([topic, counts]) => [topic, [...counts]]))
    this.#pace = new Pace(options.ratePerSecond, options.clock)
  }

  /** Records appended by this run. */
  get appended(): number {
    return this.#appended
  }

  /** Lines that an earlier run had appended. */
  get skipped(): number {
    return this.#skipped
  }

  stop(): void {
    this.#stopping = true
    this.#endWait()
    this.#pace.stop()
  }

  /** Resolves at the end of the source, or soon after {@link stop}, also when the source waits for more lines. */
  async run(): Promise<void> {
    const reader = this.#options.source.read()[Symbol.asyncIterator]()
    while (!this.#stopping) {
      const next = await this.#next(reader)
      if (!next || next.done) return
      const waiting = this.#pass(next.value)
      while (waiting.length > 0 && !this.#stopping)
        await this.#append(waiting.splice(0, await this.#pace.next(waiting.length)))
      await this.#options.clock.sleep(0)
    }
  }

  /** The reader's next lines; undefined when the feeder is stopped first. No race: that would keep all lines till then. */
  #next(reader: AsyncIterator<readonly Line[]>): Promise<IteratorResult<readonly Line[]> | undefined> {
    return new Promise((resolve, reject) => {
      this.#endWait = () => resolve(undefined)
      reader.next().then(resolve, reject)
    })
  }

  /** Leaves out the lines that are in their partition already. */
  #pass(lines: readonly Line[]): PlacedLine[] {
    const waiting: PlacedLine[] = []
    for (const { topic, content } of lines) {
      const { declaration, partitions } = this.#options.topics.get(topic)!
      const placed = place(declaration, content, partitions)
      const skip = this.#toSkip.get(topic)
      if (skip && skip[placed.partition]! > 0) {
        skip[placed.partition]!--
        this.#skipped++
      } else waiting.push({ topic, value: content, key: placed.key, partition: placed.partition })
    }
    return waiting
  }

  async #append(lines: readonly PlacedLine[]): Promise<void> {
    if (lines.length === 0) return
    await this.#options.room(lines.length)
    const nowMs = this.#options.clock.nowMs()
    const groups = new Map<string, { topic: string; partition: number; records: OutgoingRecord[] }>()
    for (const { topic, partition, key, value } of lines) {
      const id = `${partition} ${topic}`
      const group = groups.get(id) ?? { topic, partition, records: [] }
      groups.set(id, group)
      group.records.push({ key, value, headers: NO_HEADERS, timestampMs: nowMs })
    }
    const appends = [...groups.values()].map((g) => this.#options.sink.append(g.topic, g.partition, g.records))
    await Promise.all(appends)
    this.#appended += lines.length
  }
}

interface PlacedLine {
  readonly topic: string
  readonly partition: number
  readonly key: string | null
  readonly value: string | Buffer
}
