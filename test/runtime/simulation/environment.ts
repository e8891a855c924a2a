import type { Broker } from '../../../shared/broker/broker.ts'
import { MillraceError } from '../../../shared/errors.ts'
import type { Stage } from '../../../shared/processor/plan-types.ts'
import { type StageHandler, stageHandler } from '../../../shared/runtime/handler.ts'
import type { Ports } from '../../../shared/runtime/ports.ts'
import { type CallFault, callFault, type Faults } from './faults.ts'
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

interface Call<T> {
  readonly label: string
  readonly failure: 'JOURNAL_UNREACHABLE' | 'SINK_UNREACHABLE' | 'BROKER_UNREACHABLE'
  readonly faults: readonly CallFault[]
  readonly effect: () => Promise<T>
  readonly part?: () => Promise<unknown>
  /** The answer for 'refused-by-itself'. */
  readonly denial?: T
}

const READING: readonly CallFault[] = ['crash-before', 'not-done']
const WRITING: readonly CallFault[] = ['crash-before', 'crash-after', 'not-done', 'done', 'done-later']

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
  /** What the running invocation is, and whether it has tried to commit. */
  running: { readonly kind: string; commits: number } = { kind: 'nothing', commits: 0 }
  onCrash: () => void = () => {}
  readonly #stage: Stage
  readonly #world: Surroundings

  constructor(name: string, stage: Stage, world: Surroundings) {
    this.name = name
    this.#stage = stage
    this.#world = world
    this.handler = stageHandler(stage, this.#faultyPorts())
  }

  crash(): void {
    this.alive = false
    this.#world.count('crash')
    this.onCrash()
  }

  #faultyPorts(): Ports {
    const { ports, scheduler } = this.#world
    const { journal, topics, tables, broker } = ports
    const ask = <T>(label: string, effect: () => Promise<T>) =>
      this.#call({ label, effect, failure: 'BROKER_UNREACHABLE', faults: READING })
    const read = (keys: readonly string[]) =>
      this.#call({
        label: `read ${keys.length} items`,
        effect: () => journal.read(keys),
        failure: 'JOURNAL_UNREACHABLE',
        faults: READING,
      })
    return {
      ...ports,
      journal: {
        ...journal,
        // Each item is read consistently, not all of them at one moment.
        read: async (keys) => {
          if (keys.length < 2 || scheduler.chance(0.5)) return read(keys)
          const cut = scheduler.between(1, keys.length - 1)
          const parts = [keys.slice(0, cut), keys.slice(cut)]
          if (scheduler.chance(0.5)) parts.reverse()
          return new Map([...(await read(parts[0]!)), ...(await read(parts[1]!))])
        },
        put: (item, condition) => {
          this.running.commits++
          return this.#call({
            label: `put ${item.key} ${item.seq}`,
            effect: () => journal.put(item, condition),
            failure: 'JOURNAL_UNREACHABLE',
            faults: [...WRITING, 'refused-by-itself'],
            denial: 'refused',
          })
        },
      },
      topics: {
        ...topics,
        append: (topic, partition, records) => {
          const part = records.slice(0, scheduler.between(0, records.length))
          if (this.#stage.stateful && this.running.commits === 0)
            this.#world.count(`outputs of others published by a ${this.running.kind}`)
          return this.#call({
            label: `append ${topic}-${partition} ${records.map(({ headers }) => headers.mr ?? 'progress').join(' ')}`,
            effect: () => topics.append(topic, partition, records),
            failure: 'SINK_UNREACHABLE',
            faults: [...WRITING, 'done-in-part'],
            part: () => topics.append(topic, partition, part),
          })
        },
      },
      tables: {
        ...tables,
        write: (table, rows) => {
          const part = rows.filter(() => scheduler.chance(0.5))
          return this.#call({
            label: `write ${table} ${rows.map(({ key, sequence }) => `${key}=${sequence.join('.')}`).join(' ')}`,
            effect: () => tables.write(table, rows),
            failure: 'SINK_UNREACHABLE',
            faults: [...WRITING, 'done-in-part'],
            part: () => tables.write(table, part),
          })
        },
      },
      broker: {
        ...broker,
        describe: (topic) => ask(`describe ${topic}`, () => broker.describe(topic)),
        endOffsets: (topic) => ask(`ends of ${topic}`, () => broker.endOffsets(topic)),
        committed: (group, topic) => ask(`offsets of ${group}`, () => broker.committed(group, topic)),
        fetch: (topic, ...rest) => ask(`fetch ${topic}`, () => broker.fetch(topic, ...rest)),
      },
    }
  }

  #call<T>(call: Call<T>): Promise<T> {
    const { scheduler } = this.#world
    if (!this.alive) return new Promise(() => {})
    this.callsOpen++
    return new Promise<T>((resolve, reject) => {
      const slow = scheduler.chance(this.#world.faults().slow)
      scheduler.add(`${this.name}: ${call.label}`, () => void this.#arrive(call, resolve, reject), slow)
    })
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
