import { isMillraceError } from '../../../shared/errors.ts'
import type { Stage } from '../../../shared/processor/plan-types.ts'
import { eventRecord } from '../../../shared/runtime/event-record.ts'
import type { ControlEvent, KafkaEvent, KafkaEventRecord } from '../../../shared/runtime/kafka-event.ts'
import { Environment, type Surroundings } from './environment.ts'
import { Group } from './group.ts'

const ENVIRONMENTS_MAX = 4
const BATCHES_AT_ONCE = 2
const TICKS_AT_ONCE = 2

interface Invocation {
  readonly kind: 'batch' | ControlEvent['millrace']
  readonly environment: Environment
  /** Offset after the last record given, by partition. */
  readonly ends: ReadonlyMap<number, number>
  abandoned: boolean
}

/**
 * One stage with its event source mapping: cuts batches anew from the group's committed offsets, invokes whichever
 * environment is idle, and commits what succeeded.
 */
export class StageRunner {
  readonly stage: Stage
  readonly #world: Surroundings
  readonly #group: Group
  #environments: Environment[] = []
  #live: Invocation[] = []
  /** Records of a partition in a batch, at the most. */
  readonly #batchMax: number
  #made = 0
  readonly #deliveries = new Map<string, number>()
  /** Failures that no fault explains. */
  readonly failures: string[] = []

  constructor(stage: Stage, world: Surroundings) {
    this.stage = stage
    this.#world = world
    this.#group = new Group(stage, world.broker)
    this.#batchMax = world.scheduler.pick([2, 6, 20, 60])
  }

  get running(): number {
    return this.#live.length
  }

  /** A batch of partitions that no live invocation works on. @returns false when there is nothing to do */
  async invokeBatch(): Promise<boolean> {
    const { scheduler } = this.#world
    const batches = this.#live.filter(({ kind, abandoned }) => kind === 'batch' && !abandoned)
    if (batches.length >= BATCHES_AT_ONCE) return false
    const busy = new Set(batches.flatMap(({ ends }) => [...ends.keys()]))
    const records: Record<string, KafkaEventRecord[]> = {}
    const ends = new Map<number, number>()
    for (const [partition, waiting] of (await this.#group.waiting()).entries()) {
      if (busy.has(partition) || waiting.length === 0 || scheduler.chance(0.3)) continue
      const batch = waiting.slice(0, scheduler.between(1, this.#batchMax))
      records[`${this.stage.source.name}-${partition}`] = batch.map(eventRecord)
      ends.set(partition, batch.at(-1)!.offset + 1)
      for (const record of batch) this.#noteDelivery(`${partition}/${record.offset}`)
    }
    if (ends.size === 0) return false
    return this.#invoke('batch', { eventSource: 'aws:kafka', records }, ends)
  }

  async control(kind: 'tick' | 'close-windows'): Promise<boolean> {
    if (this.#live.filter((each) => each.kind === kind).length >= TICKS_AT_ONCE) return false
    return this.#invoke(kind, { millrace: kind }, new Map())
  }

  /** The mapping loses sight of an invocation: it goes on, but what it answers is not heard, and another one begins. */
  abandon(): void {
    const batches = this.#live.filter(({ kind, abandoned }) => kind === 'batch' && !abandoned)
    if (batches.length === 0) return
    this.#world.scheduler.pick(batches).abandoned = true
    this.#world.count('abandoned')
  }

  /** The service takes an environment back that has nothing to do. */
  reclaim(): void {
    const idle = this.#idle()
    if (idle.length > 0) this.#discard(this.#world.scheduler.pick(idle))
  }

  /** The group's offset of one partition goes back, as after a rebalance that lost commits. */
  async rewind(): Promise<void> {
    const { scheduler, count } = this.#world
    const [partition, offset] = scheduler.pick([...(await this.#group.offsets()).entries()])
    if (offset === 0) return
    count('rewound')
    await this.#group.commit(new Map([[partition, scheduler.between(0, offset)]]))
  }

  /** Nothing is left to read. */
  async isDrained(): Promise<boolean> {
    return this.running === 0 && (await this.#group.waiting()).every((records) => records.length === 0)
  }

  #noteDelivery(place: string): void {
    const times = (this.#deliveries.get(place) ?? 0) + 1
    this.#deliveries.set(place, times)
    if (times === 3) this.#world.count('record delivered three times')
  }

  #idle(): Environment[] {
    return this.#environments.filter((each) => !this.#live.some(({ environment }) => environment === each))
  }

  #environment(): Environment | undefined {
    const { scheduler } = this.#world
    const idle = this.#idle()
    if (idle.length > 0 && !scheduler.chance(0.15)) return scheduler.pick(idle)
    if (this.#environments.length >= ENVIRONMENTS_MAX) return idle[0]
    const made = new Environment(`${this.stage.id}/${++this.#made}`, this.stage, this.#world)
    this.#environments.push(made)
    return made
  }

  async #invoke(
    kind: Invocation['kind'],
    event: KafkaEvent | ControlEvent,
    ends: Invocation['ends'],
  ): Promise<boolean> {
    const { scheduler, faults, count } = this.#world
    const environment = this.#environment()
    if (environment === undefined) return false
    const invocation: Invocation = { kind, environment, ends, abandoned: false }
    this.#live.push(invocation)
    environment.onCrash = () => {
      this.#discard(environment)
      this.#end(invocation)
    }
    environment.running = { kind, puts: 0 }
    let looks = scheduler.chance(faults()['short-of-time']) ? scheduler.between(1, 6) : Number.POSITIVE_INFINITY
    if (Number.isFinite(looks)) count('short-of-time')
    const context = { getRemainingTimeInMillis: () => (looks-- > 0 ? 60_000 : 0), awsRequestId: 'simulated' }
    const given = [...ends].map(([partition, end]) => `${partition}:${end}`).join(' ')
    await scheduler.now(`${environment.name}: ${kind} ${given}`, () => {
      environment.handler(event, context).then(
        () => void this.#succeeded(invocation),
        (error: unknown) => this.#failed(invocation, error),
      )
    })
    return true
  }

  async #succeeded(invocation: Invocation): Promise<void> {
    const { scheduler, faults, count } = this.#world
    const { environment, ends, abandoned } = invocation
    this.#end(invocation)
    if (environment.callsOpen > 0) this.failures.push(`${environment.name} returned with calls under way`)
    if (abandoned || ends.size === 0) return
    if (scheduler.chance(faults()['not-committed'])) return count('not-committed')
    await this.#group.commit(ends)
  }

  #failed(invocation: Invocation, error: unknown): void {
    const { environment } = invocation
    this.#end(invocation)
    if (environment.callsOpen > 0) this.failures.push(`${environment.name} failed with calls under way`)
    if (isMillraceError(error) && error.retriable) {
      this.#world.scheduler.trace.push(`${environment.name}: failed, ${error.code}`)
      this.#world.count(`failed with ${error.code}`)
      return
    }
    this.failures.push(
      `${environment.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    )
  }

  #end(invocation: Invocation): void {
    this.#live = this.#live.filter((each) => each !== invocation)
  }

  #discard(environment: Environment): void {
    environment.alive = false
    this.#environments = this.#environments.filter((each) => each !== environment)
  }
}
