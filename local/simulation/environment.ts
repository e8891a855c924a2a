import { MillraceError } from '../../shared/errors.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import { type StageHandler, stageHandler } from '../../shared/runtime/handler.ts'
import type { Ports } from '../../shared/runtime/ports.ts'
import { type Call, portsOfCalls } from './calls.ts'
import type { FaultKind } from './faults.ts'
import type { Surroundings } from './surroundings.ts'

const SKEW_MS_MAX = 10 * 60_000
const THROTTLED_CALLS_MAX = 6

const failed = (code: Call<unknown>['failure']) => new MillraceError(code, { reason: 'simulated' })
/** Made once: most of what an error costs is its stack. */
const failures = {
  JOURNAL_UNREACHABLE: failed('JOURNAL_UNREACHABLE'),
  SINK_UNREACHABLE: failed('SINK_UNREACHABLE'),
  BROKER_UNREACHABLE: failed('BROKER_UNREACHABLE'),
}

/** What an environment is working on. */
export interface Work {
  readonly kind: string
  /** The mapping listens no more. */
  abandoned: boolean
  /** Commits tried, and written. */
  puts: number
  written: number
  /** Addresses of keys that it is to erase. */
  readonly forgets: readonly string[]
  /** What was known of the source's partitions when it began. */
  readonly source: readonly { readonly end: number; readonly silentSinceMs: number }[]
  /** Offsets of the newest commits when it began, by partition. */
  readonly offsets: readonly number[]
}

export const noWork: Work = {
  kind: 'nothing',
  abandoned: false,
  puts: 0,
  written: 0,
  forgets: [],
  source: [],
  offsets: [],
}

/**
 * One execution environment of a stage: the real handler with its caches, and ports on which anything can happen. Every
 * call takes effect at one step of the schedule and is answered at another; a dead environment gets no answers.
 */
export class Environment {
  readonly name: string
  readonly handler: StageHandler
  /** Its code does not know the state that is there: it must refuse to touch it. */
  readonly isOther: boolean
  alive = true
  /** Calls without an answer yet. */
  callsOpen = 0
  work: Work = noWork
  onDeath: () => void = () => {}
  /** Per journal: the newest commit that it has seen. */
  readonly known = new Map<string, number>()
  readonly #stage: Stage
  readonly #world: Surroundings

  constructor(name: string, stage: Stage, world: Surroundings) {
    const { scheduler, faults } = world
    this.name = name
    this.#stage = stage
    this.#world = world
    this.isOther = world.mayMeetOtherCode(stage) && faults.strikes('other-code')
    const skewMs = faults.strikes('skewed-clock') ? scheduler.dice.between(-SKEW_MS_MAX, SKEW_MS_MAX) : 0
    if (skewMs !== 0) world.observer.commits.clocksDifferByMs = 3 * SKEW_MS_MAX
    this.handler = stageHandler(
      this.isOther ? withOtherState(stage) : stage,
      portsOfCalls(this.#ownPorts(skewMs), scheduler.dice, (call) => this.#call(call)),
    )
  }

  #ownPorts(skewMs: number): Ports {
    const { ports, scheduler, faults, observer } = this.#world
    const own: Ports = {
      ...ports,
      clock: { nowMs: () => scheduler.nowMs + skewMs },
      log: (_, event) => observer.log(event, this.#stage, this.work),
    }
    if (!faults.strikes('other-layout')) return own
    return { ...own, journalSettings: { ...ports.journalSettings, ring: 16, buckets: 4 } }
  }

  /** It is gone, with all that it held in memory. What was under way may still arrive. */
  die(): void {
    if (!this.alive) return
    this.alive = false
    this.onDeath()
  }

  #call<T>(call: Call<T>): Promise<T> {
    const { scheduler, faults, observer } = this.#world
    if (!this.alive) return new Promise(() => {})
    const { work } = this
    if (call.kind === 'append' && this.#stage.stateful && work.puts === 0)
      observer.count(`outputs of others published by a ${work.kind}`)
    if (call.kind === 'put') work.puts++
    this.callsOpen++
    const effect = () => {
      observer.now = { work, environment: this }
      return call.effect()
    }
    return new Promise<T>((resolve, reject) => {
      const arrive = () => void this.#arrive({ ...call, effect }, resolve, reject)
      const slow =
        faults.strikes('slow') ||
        (call.kind === 'put' && work.kind === 'tick' && faults.strikes('slow-tick')) ||
        (call.kind === 'put' && work.kind === 'redrive' && faults.strikes('slow-redrive'))
      scheduler.add(this.name, call.what, arrive, slow)
    })
  }

  /** The call reaches the other side. Those of a dead environment were under way when it died: half of them arrive. */
  async #arrive<T>(call: Call<T>, resolve: (value: T) => void, reject: (error: Error) => void): Promise<void> {
    const { scheduler } = this.#world
    const fail = () => reject(failures[call.failure])
    if (!this.alive) return void (scheduler.dice.chance(0.5) && (await this.#quietly(call.effect)))
    const fault = this.#fault(call)
    if (fault === 'crash-before') return this.die()
    if (fault === 'not-done' || fault === 'throttled') return this.#answer(call, fail)
    if (fault === 'done-in-part') {
      await call.part!()
      return this.#answer(call, fail)
    }
    if (fault === 'done-later') {
      const later = () => void this.#quietly(call.effect)
      scheduler.add(this.name, `late: ${call.what}`, later, scheduler.dice.chance(0.5))
      return this.#answer(call, fail)
    }
    const outcome = await call.effect().then(
      (result) => () => resolve(fault === 'refused-by-itself' ? call.denial!(result) : result),
      (error: Error) => () => reject(error),
    )
    if (fault === 'crash-after') return this.die()
    this.#answer(call, fault === 'done-but-failed' ? fail : outcome)
  }

  #fault<T>(call: Call<T>): FaultKind | undefined {
    const { faults, throttled, scheduler } = this.#world
    const left = throttled.get(call.failure) ?? 0
    if (left > 0 && !faults.isCalm) {
      throttled.set(call.failure, left - 1)
      return 'not-done'
    }
    const fault = call.faults.find((kind) => faults.strikes(kind))
    if (fault === 'throttled') throttled.set(call.failure, scheduler.dice.between(1, THROTTLED_CALLS_MAX))
    return fault
  }

  /** Nobody waits for what becomes of it. */
  async #quietly<T>(effect: () => Promise<T>): Promise<void> {
    await effect().catch(() => undefined)
  }

  #answer<T>(call: Call<T>, deliver: () => void): void {
    const { scheduler, faults } = this.#world
    const answer = () => {
      if (!this.alive) return
      this.callsOpen--
      deliver()
    }
    scheduler.add(this.name, `answer to ${call.what}`, answer, faults.strikes('slow'))
  }
}

/** The same stage after a change of what its state means. */
const withOtherState = (stage: Stage): Stage => ({
  ...stage,
  program: { ...stage.program, signature: `${stage.program.signature}, changed` },
})
