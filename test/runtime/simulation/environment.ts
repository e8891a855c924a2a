import type { Broker } from '../../../shared/broker/broker.ts'
import { MillraceError } from '../../../shared/errors.ts'
import type { Stage } from '../../../shared/processor/plan-types.ts'
import { type StageHandler, stageHandler } from '../../../shared/runtime/handler.ts'
import type { Ports } from '../../../shared/runtime/ports.ts'
import { callFault, type Faults } from './faults.ts'
import { type Call, faultyPorts } from './faulty-ports.ts'
import type { Scheduler } from './scheduler.ts'

/** What an environment needs of the world around it. */
export interface Surroundings {
  readonly scheduler: Scheduler
  faults(): Faults
  /** What the runtime is given, but for the faults. */
  readonly ports: Ports
  /** What the mapping reads from. */
  readonly broker: Broker
  count(situation: string): void
}

/**
 * One execution environment of a stage: the real handler with its caches, and ports on which anything can happen. Every
 * call takes effect at one step of the schedule and is answered at another; a dead environment gets no answers.
 */
export class Environment {
  readonly name: string
  readonly handler: StageHandler
  alive = true
  /** Calls without an answer yet. */
  callsOpen = 0
  /** What the running invocation is, and how much it has written to the journal. */
  running: { readonly kind: string; puts: number } = { kind: 'nothing', puts: 0 }
  onCrash: () => void = () => {}
  readonly #stage: Stage
  readonly #world: Surroundings

  constructor(name: string, stage: Stage, world: Surroundings) {
    this.name = name
    this.#stage = stage
    this.#world = world
    this.handler = stageHandler(
      stage,
      faultyPorts(world.ports, world.scheduler, (call) => this.#call(call)),
    )
  }

  crash(): void {
    this.alive = false
    this.#world.count('crash')
    this.onCrash()
  }

  #call<T>(call: Call<T>): Promise<T> {
    const { scheduler } = this.#world
    if (!this.alive) return new Promise(() => {})
    this.#note(call.kind)
    this.callsOpen++
    return new Promise<T>((resolve, reject) => {
      const slow = scheduler.chance(this.#world.faults().slow)
      scheduler.add(`${this.name}: ${call.label}`, () => void this.#arrive(call, resolve, reject), slow)
    })
  }

  #note(kind: Call<unknown>['kind']): void {
    if (kind === 'put') this.running.puts++
    if (kind === 'append' && this.#stage.stateful && this.running.puts === 0)
      this.#world.count(`outputs of others published by a ${this.running.kind}`)
  }

  /** The call reaches the other side. Those of a dead environment were under way when it died: half of them arrive. */
  async #arrive<T>(call: Call<T>, resolve: (value: T) => void, reject: (error: Error) => void): Promise<void> {
    const { scheduler, faults, count } = this.#world
    const fail = () => reject(new MillraceError(call.failure, { reason: 'simulated' }))
    if (!this.alive) return void (scheduler.chance(0.5) && (await call.effect()))
    const fault = callFault(scheduler, faults(), call.faults)
    if (fault !== undefined) {
      count(fault)
      scheduler.trace.push(`${this.name}: ${fault} at ${call.label}`)
    }
    if (fault === 'crash-before') return this.crash()
    if (fault === 'not-done') return this.#answer(call.label, fail)
    if (fault === 'done-in-part') {
      await call.part!()
      return this.#answer(call.label, fail)
    }
    if (fault === 'done-later') {
      scheduler.add(`${this.name}: late: ${call.label}`, () => void call.effect(), scheduler.chance(0.5))
      return this.#answer(call.label, fail)
    }
    const result = await call.effect()
    if (fault === 'crash-after') return this.crash()
    if (fault === 'done') return this.#answer(call.label, fail)
    this.#answer(call.label, () => resolve(fault === 'refused-by-itself' ? call.denial! : result))
  }

  #answer(label: string, deliver: () => void): void {
    const { scheduler, faults } = this.#world
    const answer = () => {
      if (!this.alive) return
      this.callsOpen--
      deliver()
    }
    scheduler.add(`${this.name}: answer to ${label}`, answer, scheduler.chance(faults().slow))
  }
}
