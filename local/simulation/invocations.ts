import { isMillraceError, MillraceError } from '../../shared/errors.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import type { ControlEvent, InvocationReport, KafkaEvent } from '../../shared/runtime/kafka-event.ts'
import type { Ends } from './deliveries.ts'
import { Environment, noWork, type Work } from './environment.ts'
import type { Surroundings } from './surroundings.ts'

const ENVIRONMENTS_MAX = 4
const TIME_LEFT_MS = 60_000

export interface Invocation {
  readonly kind: 'batch' | ControlEvent['millrace']
  readonly environment: Environment
  readonly ends: Ends
  readonly work: Work
}

/** The environments of one stage, and what they are working on. */
export class Invocations {
  live: Invocation[] = []
  readonly #stage: Stage
  readonly #world: Surroundings
  #environments: Environment[] = []
  #made = 0

  constructor(stage: Stage, world: Surroundings) {
    this.#stage = stage
    this.#world = world
  }

  /** Those that the mapping waits for. */
  get batches(): Invocation[] {
    return this.live.filter(({ kind, work }) => kind === 'batch' && !work.abandoned)
  }

  /** The service takes an environment back that has nothing to do. */
  reclaim(): void {
    const idle = this.#idle()
    if (idle.length > 0 && this.#world.faults.strikes('reclaimed')) this.#discard(this.#world.scheduler.dice.pick(idle))
  }

  /** Takes back those that run other code: it is rolled back. */
  rollBack(): void {
    for (const environment of this.#environments) if (environment.isOther) environment.die()
    this.#environments = this.#environments.filter(({ isOther }) => !isOther)
  }

  /**
   * Begins an invocation in an idle environment. Its promise rejects when it fails, or dies; whether it may is judged here.
   * @returns undefined when no environment is idle
   */
  begin(
    kind: Invocation['kind'],
    event: KafkaEvent | ControlEvent,
    ends: Invocation['ends'],
  ): Promise<InvocationReport> | undefined {
    const { scheduler, faults, observer } = this.#world
    const environment = this.#environment()
    if (environment === undefined) return undefined
    const source = observer.logs.partitions(this.#stage.source.name)
    const offsets = source.map((_, partition) => observer.offsetOf(this.#stage, partition))
    const forgets = 'keys' in event ? event.keys : []
    const work: Work = { ...noWork, kind, forgets, source, offsets }
    const invocation: Invocation = { kind, environment, ends, work }
    this.live.push(invocation)
    environment.work = work
    for (const partition of ends.keys()) observer.invoked(this.#stage, partition, environment)
    if (faults.strikes('timed-out')) scheduler.add(environment.name, 'time-out', () => this.#timeOut(invocation))
    const given = [...ends].map(([partition, end]) => `${partition} up to ${end}`).join(', ')
    scheduler.note(environment.name, `begins: ${kind} ${given}`)
    return new Promise((resolve, reject) => {
      environment.onDeath = () => {
        this.#discard(environment)
        this.#end(invocation)
        const { id, deployment } = this.#stage
        reject(new MillraceError('FUNCTION_TIMED_OUT', { function: id, timeoutMs: deployment.timeoutMs }))
      }
      environment.handler(event, this.#context()).then(
        (report) => {
          this.#returned(invocation)
          resolve(report)
        },
        (error: unknown) => {
          this.#returned(invocation)
          this.#judge(error, environment)
          reject(error)
        },
      )
    })
  }

  /** Errors that a retry mends are the mapping's business; others are problems, unless they are due. */
  #judge(error: unknown, { name, work, isOther }: Environment): void {
    const { scheduler, observer } = this.#world
    if (work.kind === 'redrive' && work.written > 0) observer.count('redrive fails behind its commit')
    if (isMillraceError(error) && (error.retriable || observer.isExpected(error.code, this.#stage, isOther))) {
      scheduler.note(name, `failed: ${error.code}`)
      observer.count(`failed with ${error.code}`)
      return
    }
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    observer.problems.push(`${name}: ${text}`)
  }

  /** The deadline may come before its time, at the n-th look at the clock. */
  #context() {
    const { scheduler, faults } = this.#world
    let looks = faults.strikes('short-of-time') ? scheduler.dice.between(1, 6) : Number.POSITIVE_INFINITY
    return { getRemainingTimeInMillis: () => (looks-- > 0 ? TIME_LEFT_MS : 0), awsRequestId: 'simulated' }
  }

  #timeOut(invocation: Invocation): void {
    if (this.live.includes(invocation)) invocation.environment.die()
  }

  /** The environment is frozen from here on: a call that is still under way would never be answered. */
  #returned(invocation: Invocation): void {
    const { observer, scheduler } = this.#world
    const { environment, kind } = invocation
    this.#end(invocation)
    environment.onDeath = () => this.#discard(environment)
    observer.count('frozen at return')
    scheduler.note(environment.name, `returns: ${kind}`)
    if (environment.callsOpen > 0) observer.problems.push(`${environment.name} returned with calls under way`)
  }

  #idle(): Environment[] {
    return this.#environments.filter((each) => !this.live.some(({ environment }) => environment === each))
  }

  #environment(): Environment | undefined {
    const { dice } = this.#world.scheduler
    const idle = this.#idle()
    if (idle.length > 0 && !dice.chance(0.15)) return dice.pick(idle)
    if (this.#environments.length >= ENVIRONMENTS_MAX) return idle[0]
    const made = new Environment(`${this.#stage.id}/${++this.#made}`, this.#stage, this.#world)
    this.#environments.push(made)
    return made
  }

  #end(invocation: Invocation): void {
    this.live = this.live.filter((each) => each !== invocation)
  }

  #discard(environment: Environment): void {
    environment.alive = false
    this.#environments = this.#environments.filter((each) => each !== environment)
  }
}
