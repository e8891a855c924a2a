import type { BrokerRecord } from '../../shared/broker/broker.ts'
import { isMillraceError } from '../../shared/errors.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import type { ControlEvent, InvocationReport, KafkaEvent, KafkaEventRecord } from '../../shared/runtime/kafka-event.ts'
import type { Environment } from './environment.ts'
import { eventRecord } from './event-record.ts'
import { Group } from './group.ts'
import { Invocations } from './invocations.ts'
import type { Surroundings } from './surroundings.ts'

const BATCHES_AT_ONCE = 2
/** Of a kind. */
const CONTROLS_AT_ONCE = 2

/** Offset after the last record of a batch, by partition. */
export type Ends = ReadonlyMap<number, number>

/**
 * One stage with its event source mapping: cuts batches anew from the group's committed offsets, invokes whichever
 * environment is idle, and commits what succeeded.
 */
export class Mapping {
  readonly stage: Stage
  readonly invocations: Invocations
  readonly #world: Surroundings
  readonly #group: Group
  /** Records of a partition in a batch, at the most. */
  readonly #batchMax: number
  /** Whether a batch may hold records of several partitions. */
  readonly #mixes: boolean
  /** Where a batch that failed was cut in two: the length of the half that comes next. */
  readonly #halves = new Map<number, number>()
  readonly #again: { event: KafkaEvent; ends: Ends }[] = []
  readonly #deliveries = new Map<string, number>()

  constructor(stage: Stage, world: Surroundings) {
    this.stage = stage
    this.#world = world
    this.#group = new Group(stage, world)
    this.invocations = new Invocations(stage, world)
    this.#batchMax = world.scheduler.dice.pick([1, 2, 6, 20, 60])
    this.#mixes = world.scheduler.dice.chance(0.6)
  }

  /** A batch of partitions that nobody works on. @returns false when there is nothing to do */
  async invokeBatch(): Promise<boolean> {
    const { faults } = this.#world
    const live = this.invocations.batches
    if (live.length >= BATCHES_AT_ONCE) return false
    const again = this.#again.pop()
    if (again !== undefined) return this.#deliver(again.event, again.ends)
    const shared = live.length > 0 && faults.strikes('two-owners')
    const busy = new Set(shared ? [] : live.flatMap(({ ends }) => [...ends.keys()]))
    const records: Record<string, KafkaEventRecord[]> = {}
    const ends = new Map<number, number>()
    for (const [partition, waiting] of (await this.#group.waiting()).entries()) {
      if (busy.has(partition) || waiting.length === 0 || this.#world.scheduler.dice.chance(0.3)) continue
      if (!this.#mixes && ends.size > 0) break
      const batch = this.#cut(partition, waiting)
      records[`${this.stage.source.name}-${partition}`] = batch.map(eventRecord)
      ends.set(partition, batch.at(-1)!.offset + 1)
      this.#noteDelivery(partition, batch, waiting[batch.length])
    }
    if (ends.size === 0) return false
    this.#world.observer.count(ends.size > 1 ? 'batch of several partitions' : 'batch of one partition')
    return this.#deliver({ eventSource: 'aws:kafka', records }, ends)
  }

  /** Invokes the stage with a control event; `heard` gets its report. @returns false when it has not begun */
  async control(event: ControlEvent, heard: (report: InvocationReport) => void = () => {}): Promise<boolean> {
    const { live } = this.invocations
    const kind = event.millrace
    if (live.filter((each) => each.kind === kind).length >= CONTROLS_AT_ONCE) return false
    return this.invocations.begin(kind, event, new Map(), heard, this.#failed(new Map()))
  }

  /** The mapping loses sight of an invocation: it goes on, but what it answers is not heard, and another one begins. */
  abandon(): void {
    const { scheduler, faults } = this.#world
    const { batches } = this.invocations
    if (batches.length > 0 && faults.strikes('abandoned')) scheduler.dice.pick(batches).work.abandoned = true
  }

  /** The group's offset of one partition goes back, or forward over records that were not read. */
  async resetGroup(): Promise<void> {
    const { scheduler, faults } = this.#world
    const { dice } = scheduler
    const [partition, offset] = dice.pick([...(await this.#group.offsets()).entries()])
    if (offset > 0 && faults.strikes('rewound'))
      return this.#group.commit(new Map([[partition, dice.between(0, offset)]]))
    // Over the last record nobody would ever notice; without state, or where gaps are usual, nobody notices at all.
    const waiting = (await this.#group.waiting())[partition]!.length
    const { stateful, sourceIsOurs, source } = this.stage
    if (waiting < 2 || offset === 0 || !stateful || sourceIsOurs || source.compacted) return
    if (faults.strikes('reset-forward'))
      await this.#group.commit(new Map([[partition, offset + dice.between(1, waiting - 1)]]))
  }

  async hasLag(): Promise<boolean> {
    return (await this.#group.waiting()).some((records) => records.length > 0)
  }

  /** Nothing is left to read. */
  async isDrained(): Promise<boolean> {
    return this.invocations.live.length === 0 && this.#again.length === 0 && !(await this.hasLag())
  }

  #cut(partition: number, waiting: readonly BrokerRecord[]): readonly BrokerRecord[] {
    const half = this.#halves.get(partition)
    this.#halves.delete(partition)
    return waiting.slice(0, half ?? this.#world.scheduler.dice.between(1, this.#batchMax))
  }

  #deliver(event: KafkaEvent, ends: Ends): Promise<boolean> {
    const { faults, observer } = this.#world
    const succeeded = async () => {
      observer.succeeded(this.stage, ends)
      if (faults.strikes('duplicated')) this.#again.push({ event, ends })
      if (!faults.strikes('not-committed')) await this.#group.commit(ends)
    }
    return this.invocations.begin('batch', event, ends, succeeded, this.#failed(ends, event))
  }

  #failed(ends: Ends, event?: KafkaEvent) {
    const { scheduler, faults, observer } = this.#world
    return (error: unknown, environment: Environment) => {
      if (event !== undefined)
        for (const [partition, end] of ends) {
          const first = event.records[`${this.stage.source.name}-${partition}`]![0]!.offset
          if (end - first > 1 && faults.strikes('bisected')) this.#halves.set(partition, Math.ceil((end - first) / 2))
        }
      if (environment.work.kind === 'redrive' && environment.work.written > 0)
        observer.count('redrive fails behind its commit')
      if (error === undefined) return
      if (isMillraceError(error) && (error.retriable || observer.isExpected(error.code, this.stage, environment))) {
        scheduler.note(environment.name, `failed: ${error.code}`)
        observer.count(`failed with ${error.code}`)
        return
      }
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      observer.problems.push(`${environment.name}: ${text}`)
    }
  }

  #noteDelivery(partition: number, batch: readonly BrokerRecord[], next: BrokerRecord | undefined): void {
    const { observer } = this.#world
    observer.delivered(this.stage, partition, batch[0]!.offset)
    const last = batch.at(-1)!
    if (next?.key && last.key && Buffer.compare(next.key, last.key) === 0)
      observer.count('batch ends inside the run of a key')
    for (const { offset } of batch) {
      const times = (this.#deliveries.get(`${partition}/${offset}`) ?? 0) + 1
      this.#deliveries.set(`${partition}/${offset}`, times)
      if (times === 3) observer.count('record delivered three times')
    }
  }
}
