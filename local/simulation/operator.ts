import type { PlannedTopic, Stage } from '../../shared/processor/plan-types.ts'
import { eventRecord } from '../../shared/runtime/event-record.ts'
import type { InvocationReport, KafkaEventRecord } from '../../shared/runtime/kafka-event.ts'
import { type ParkedRecord, recordOf } from '../../shared/runtime/parking.ts'
import type { Mapping } from './mapping.ts'
import type { Surroundings } from './surroundings.ts'

const EVERYTHING = { maxRecords: 10_000, maxBytes: 100_000_000 }

/** Whoever looks after a stage: redrives or gives up what was parked, and skips what stands in the way. */
export class Operator {
  readonly #mapping: Mapping
  readonly #world: Surroundings
  readonly #parkedTopic: PlannedTopic
  /** Parked records of the stage, by partition and offset, and how far the topic for them was read. */
  readonly #known = new Map<string, KafkaEventRecord>()
  readonly #read: number[] = []
  readonly #byReference = new Set<string>()
  /** Of reports that came back: what was applied, by partition and offset. */
  readonly #applied = new Set<string>()

  constructor(mapping: Mapping, world: Surroundings, parkedTopic: PlannedTopic) {
    this.#mapping = mapping
    this.#world = world
    this.#parkedTopic = parkedTopic
  }

  /** What an operator may do at any time, if the faults have it. */
  async act(): Promise<void> {
    const { faults } = this.#world
    const { stateful } = this.#mapping.stage
    if (stateful && faults.strikes('skipped')) await this.#skip()
    const parked = await this.#parked()
    if (parked.length === 0 || !faults.strikes('redriven')) return
    const some = await this.#some(parked)
    await this.#redrive(some, stateful && faults.strikes('given-up'))
    if (faults.strikes('redriven-twice')) await this.#redrive(some)
    if (faults.strikes('batch-races-redrive')) await this.#mapping.poll()
  }

  /** Redrives all that is parked. @returns false when nothing has begun */
  async redriveAll(): Promise<boolean> {
    const parked = (await this.#parked()).filter((record) => !this.#applied.has(nameOf(record)))
    return parked.length > 0 && this.#redrive(parked)
  }

  /** In any order, some of them twice, and now and then one that nobody has parked, or read. */
  async #some(parked: readonly KafkaEventRecord[]): Promise<KafkaEventRecord[]> {
    const { scheduler, broker } = this.#world
    const { dice } = scheduler
    const { name, partitions } = this.#mapping.stage.source
    const some = Array.from({ length: dice.pick([1, 2, parked.length]) }, () => dice.pick(parked))
    const any = await broker.fetch(name, dice.between(0, partitions - 1), 0, EVERYTHING)
    // Without state nobody could know that it was not parked.
    return this.#mapping.stage.stateful && dice.chance(0.2) && any.length > 0
      ? [...some, eventRecord(dice.pick(any))]
      : some
  }

  #redrive(records: readonly KafkaEventRecord[], discard = false): Promise<boolean> {
    const { observer } = this.#world
    if (discard) for (const record of records) observer.givesUp(this.#mapping.stage, record, 'asked')
    return this.#mapping.control({ millrace: 'redrive', records, discard }, (report) => this.#hear(report, records))
  }

  #hear({ redriven = [] }: InvocationReport, records: readonly KafkaEventRecord[]): void {
    const { observer, faults } = this.#world
    const { stage } = this.#mapping
    // Where keys are held, what waited behind them follows.
    if (stage.holdsKeys ? redriven.length < records.length : redriven.length !== records.length)
      observer.problems.push(`a redrive of ${records.length} records says what became of ${redriven.length}`)
    for (const { outcome, ...place } of redriven) {
      if (outcome === 'discarded') observer.givesUp(stage, place, 'done')
      if (!faults.isCalm) observer.count(`redrive: ${outcome}${stage.stateful ? '' : ', without state'}`)
      if (outcome !== 'applied') continue
      const name = nameOf(place)
      if (this.#byReference.has(name)) observer.count('redrive: applied, parked by reference')
      if (stage.stateful && this.#applied.has(name)) observer.problems.push(`${stage.id} has redriven ${name} twice`)
      this.#applied.add(name)
    }
  }

  /** Over some records of one partition that were not read. */
  async #skip(): Promise<void> {
    const { scheduler, observer, broker } = this.#world
    const { stage } = this.#mapping
    const partition = scheduler.dice.between(0, stage.source.partitions - 1)
    const next = observer.offsetOf(stage, partition) + 1
    const end = (await broker.endOffsets(stage.source.name))[partition]!
    if (next < end)
      await this.#mapping.control({ millrace: 'skip', partition, to: scheduler.dice.between(next + 1, end) })
  }

  /** As they stand on the topic for parked records; what is known of it is not read again. */
  async #parked(): Promise<readonly KafkaEventRecord[]> {
    const { broker } = this.#world
    const { name, partitions } = this.#parkedTopic
    for (let partition = 0; partition < partitions; partition++) {
      const from = this.#read[partition] ?? 0
      const news = await broker.fetch(name, partition, from, EVERYTHING)
      this.#read[partition] = from + news.length
      for (const { value } of news) await this.#note(JSON.parse(Buffer.from(value!).toString()) as ParkedRecord)
    }
    return [...this.#known.values()]
  }

  async #note(parked: ParkedRecord): Promise<void> {
    const { partition, offset, kind } = parked
    const name = nameOf(parked)
    if (!isOf(this.#mapping.stage, parked) || kind !== 'record' || this.#known.has(name)) return
    const record = recordOf(parked)
    if (record !== undefined) this.#known.set(name, record)
    else {
      // Too large to be parked: it is where it was.
      const [found] = await this.#world.broker.fetch(parked.topic, partition, offset, { ...EVERYTHING, maxRecords: 1 })
      // Gone where the source was made anew since.
      if (found?.offset !== offset) return
      this.#known.set(name, eventRecord(found))
      this.#byReference.add(name)
    }
  }
}

const nameOf = ({ partition, offset }: { readonly partition: number; readonly offset: number }): string =>
  `${partition}-${offset}`

const isOf = ({ processor, generation, source }: Stage, parked: ParkedRecord): boolean =>
  parked.processor === processor && parked.generation === generation && parked.topic === source.name
