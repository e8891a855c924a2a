import { MillraceError } from '../../shared/errors.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import type { ControlEvent, InvocationReport, KafkaEvent } from '../../shared/runtime/kafka-event.ts'
import { type MappingSettings, SourceMapping } from '../emulator/index.ts'
import { Deliveries, endsOf } from './deliveries.ts'
import { Invocations } from './invocations.ts'
import { MappingClock } from './mapping-clock.ts'
import { mappingSettings } from './mapping-settings.ts'
import type { Surroundings } from './surroundings.ts'

/** Of a kind. */
const CONTROLS_AT_ONCE = 2

/**
 * One stage with its event source mapping, which is the emulator's: what it does next, and when, the schedule says.
 * Now and then it is made anew with other settings, and goes on from the group's committed offsets.
 */
export class Mapping {
  readonly stage: Stage
  readonly invocations: Invocations
  /** Nobody sets its group back any more. */
  isSettled = false
  readonly #world: Surroundings
  readonly #deliveries: Deliveries
  /** Events to be delivered once more. */
  readonly #again: KafkaEvent[] = []
  #clock: MappingClock
  #settings: MappingSettings
  #mapping: SourceMapping<never, InvocationReport>

  constructor(stage: Stage, world: Surroundings) {
    this.stage = stage
    this.#world = world
    this.#deliveries = new Deliveries(stage, world.observer)
    this.invocations = new Invocations(stage, world)
    this.#clock = new MappingClock(world.scheduler)
    this.#settings = mappingSettings(world)
    this.#mapping = this.#made()
  }

  /** Finds where the group is, and begins to poll. */
  async start(): Promise<void> {
    await this.#mapping.locate()
    await this.#world.scheduler.settle(() => this.#mapping.poll())
  }

  /** Another one in its place, as after a deployment; what the old one has in flight goes on. */
  async replace(): Promise<void> {
    void this.#mapping.stop()
    this.#clock = new MappingClock(this.#world.scheduler)
    this.#settings = mappingSettings(this.#world)
    this.#mapping = this.#made()
    await this.start()
  }

  /** Lets the mapping look for records once. */
  async poll(): Promise<void> {
    const again = this.#again.pop()
    if (again === undefined) return this.#clock.wake()
    const answer = this.invocations.begin('batch', again, endsOf(again))
    answer?.catch(() => undefined)
    await this.#world.scheduler.settle()
  }

  /** Invokes the stage with a control event; `heard` gets its report. @returns false when it has not begun */
  async control(event: ControlEvent, heard: (report: InvocationReport) => void = () => {}): Promise<boolean> {
    const kind = event.millrace
    if (this.invocations.live.filter((each) => each.kind === kind).length >= CONTROLS_AT_ONCE) return false
    const answer = this.invocations.begin(kind, event, new Map())
    answer?.then(heard, () => undefined)
    await this.#world.scheduler.settle()
    return answer !== undefined
  }

  /** While a batch is in flight, its partitions go to another poller, or to another mapping: two own them. */
  async changeOwner(): Promise<void> {
    const { scheduler, faults } = this.#world
    const { batches } = this.invocations
    if (batches.length === 0) return
    if (faults.strikes('two-owners')) return this.replace()
    if (!faults.strikes('abandoned')) return
    const { work, ends } = scheduler.dice.pick(batches)
    work.abandoned = true
    this.#mapping.rebalance([...ends.keys()])
  }

  /** The group's offset of one partition goes back, or forward over records that were not read. */
  async resetGroup(): Promise<void> {
    const { scheduler, faults, broker } = this.#world
    const { stateful, sourceIsOurs, source, group } = this.stage
    const committed = await broker.committed(group, source.name)
    const partition = scheduler.dice.between(0, committed.length - 1)
    const offset = committed[partition]?.offset ?? 0
    if (offset === 0 || this.isSettled) return
    if (faults.strikes('rewound')) return this.#reset(partition, scheduler.dice.between(0, offset))
    // Over the last record nobody would ever notice; without state, or where gaps are usual, nobody notices at all.
    const waiting = (await broker.endOffsets(source.name))[partition]! - offset
    if (waiting < 2 || !stateful || sourceIsOurs || source.compacted) return
    if (faults.strikes('reset-forward')) await this.#reset(partition, offset + scheduler.dice.between(1, waiting - 1))
  }

  async hasLag(): Promise<boolean> {
    return (await this.#mapping.lag()) > 0
  }

  /** Nothing is left to read. */
  async isDrained(): Promise<boolean> {
    return this.invocations.live.length === 0 && this.#again.length === 0 && !(await this.hasLag())
  }

  async #reset(partition: number, offset: number): Promise<void> {
    const { group, source } = this.stage
    await this.#world.broker.commit(group, source.name, [{ partition, offset, metadata: '' }])
    await this.replace()
  }

  #made(): SourceMapping<never, InvocationReport> {
    const { faults, broker } = this.#world
    const { id, source, group, deployment } = this.stage
    const made: SourceMapping<never, InvocationReport> = new SourceMapping({
      functionName: id,
      topic: source.name,
      group,
      // Kafka refuses what a consumer commits that is no member of its group any more.
      broker: {
        ...broker,
        commit: async (...offsets) => {
          if (this.#mapping === made) await broker.commit(...offsets)
        },
      },
      clock: this.#clock,
      newHandler: () => (event) => this.#invoke(event),
      timeoutMs: deployment.timeoutMs,
      eventSource: { eventSource: 'aws:kafka' },
      settings: this.#settings,
      faults: {
        throttle: () => faults.strikes('function-throttled'),
        loseCommit: () => faults.strikes('not-committed'),
      },
    })
    return made
  }

  /** What the mapping takes for the function: the service, which has environments for it. */
  async #invoke(event: KafkaEvent): Promise<InvocationReport> {
    const { faults, observer } = this.#world
    const ends = endsOf(event)
    const answer = this.invocations.begin('batch', event, ends)
    if (answer === undefined) throw new MillraceError('FUNCTION_THROTTLED', { function: this.stage.id })
    const records = this.#deliveries.note(event)
    try {
      const report = await answer
      observer.succeeded(this.stage, ends)
      if (faults.strikes('duplicated')) this.#again.push(event)
      return report
    } catch (error) {
      if (this.#settings.bisect && records > 1) observer.count('batch is cut in halves')
      throw error
    }
  }
}
