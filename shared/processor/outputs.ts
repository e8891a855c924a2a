import type { Key } from '../engine/key.ts'
import { MillraceError } from '../errors.ts'
import { checkFunction, checkOptions } from './check.ts'
import type { Draft, DraftOutput } from './draft.ts'
import type { Table } from './table.ts'
import type { Topic, Written } from './topic.ts'

/** A record that came too late for everything, as late outputs hold it. */
export interface LateRecord<T, K = Key> {
  readonly key: K
  readonly value: T
  /** Its event time, epoch ms. */
  readonly timeMs: number
  /** By how much stream time had passed the last moment for it. */
  readonly lateByMs: number
}

type AnyTarget = Topic | Table
type Accepted<Target> =
  Target extends Topic<infer In, infer T, infer _K> ? Written<In, T> : Target extends Table<infer Row> ? Row : never
/** Makes a target that cannot hold `R` a compile error that shows both types. */
type Holds<Target, R> = [R] extends [Accepted<Target>]
  ? unknown
  : { readonly 'this output needs': Accepted<Target>; readonly 'but results are': R }

export interface OutputOptions<R, Out = R> {
  /** Only these results; a processor may have several outputs. */
  where?: (value: R) => boolean
  /** What is written instead of the result. */
  map?: (value: R) => Out
}

/** A declared processor, ready for the list. */
export interface Processor {
  readonly draft: Draft
}

/** What puts out results of type `R`: add one output or several. `T` and `K`: what late records hold; `E`: time-outs. */
export class Outputs<R, T = R, K extends Key = Key, E = never> implements Processor {
  readonly draft: Draft
  constructor(draft: Draft) {
    this.draft = draft
  }

  /**
   * Writes results to a topic (under the topic's own key, or else the key at hand) or a table (a row per key and window).
   * @throws MillraceError `OPTION_INVALID`, `OPTION_UNKNOWN`, `OUTPUT_IS_SOURCE`, `UPDATES_WITHOUT_EVERY`, `TABLE_NEEDS_KEY`
   */
  to<Target extends AnyTarget>(
    target: Target & Holds<Target, R>,
    options?: { where?: (value: R) => boolean },
  ): Outputs<R, T, K, E>
  to<Target extends AnyTarget, S extends R>(
    target: Target & Holds<Target, S>,
    options: { where: (value: R) => value is S },
  ): Outputs<R, T, K, E>
  to<Target extends AnyTarget>(
    target: Target,
    options: { where?: (value: R) => boolean; map: (value: R) => Accepted<NoInfer<Target>> },
  ): Outputs<R, T, K, E>
  to(target: AnyTarget, options: OutputOptions<R, unknown> = {}): Outputs<R, T, K, E> {
    return this.#add('result', target, options as OutputOptions<unknown, unknown>)
  }

  /** Writes records that came too late for everything. Without it they are only counted. */
  late<Target extends AnyTarget>(target: Target & Holds<Target, LateRecord<T, K>>): Outputs<R, T, K, E>
  late<Target extends AnyTarget>(
    target: Target,
    options: { map: (late: LateRecord<T, K>) => Accepted<NoInfer<Target>> },
  ): Outputs<R, T, K, E>
  late(target: AnyTarget, options: OutputOptions<LateRecord<T, K>, unknown> = {}): Outputs<R, T, K, E> {
    return this.#add('late', target, options as OutputOptions<unknown, unknown>)
  }

  /** Writes the partial matches of patterns that time has ended. Without it nothing is made of them. */
  timedOut<Target extends AnyTarget>(target: Target & Holds<Target, E>): Outputs<R, T, K, E>
  timedOut<Target extends AnyTarget>(
    target: Target,
    options: { where?: (timedOut: E) => boolean; map?: (timedOut: E) => Accepted<NoInfer<Target>> },
  ): Outputs<R, T, K, E>
  timedOut(target: AnyTarget, options: OutputOptions<E, unknown> = {}): Outputs<R, T, K, E> {
    return this.#add('timedOut', target, options as OutputOptions<unknown, unknown>)
  }

  #add(what: DraftOutput['what'], target: AnyTarget, options: OutputOptions<unknown, unknown>): Outputs<R, T, K, E> {
    const where = `processor(${JSON.stringify(this.draft.name)}).${what === 'result' ? 'to' : what}()`
    if (target?.kind !== 'topic' && target?.kind !== 'table')
      throw new MillraceError('OPTION_INVALID', {
        where,
        option: 'target',
        given: target,
        must: 'a topic made with topic(…) or a table made with table(…)',
      })
    checkOptions(where, options, ['where', 'map'])
    for (const [option, given] of Object.entries(options)) if (given !== undefined) checkFunction(where, option, given)
    if (what === 'late' && this.draft.machine === undefined)
      throw new MillraceError('OPTION_INVALID', {
        where,
        option: 'late',
        given: 'a stream without state',
        must: 'behind a window, a pattern or a machine: nothing else is ever late',
      })
    if (what === 'timedOut' && !this.draft.timesOut)
      throw new MillraceError('OPTION_INVALID', {
        where,
        option: 'timedOut',
        given: 'a stream without patterns',
        must: 'behind detect or detectAll: only partial matches time out',
      })
    if (this.draft.options.park === 'key' && this.draft.machine === undefined)
      throw new MillraceError('OPTION_INVALID', {
        where: `processor(${JSON.stringify(this.draft.name)})`,
        option: 'park',
        given: 'key',
        must: "'record', or left out: without a state nobody knows what is parked of a key",
      })
    const { inputs } = this.draft
    if (target.kind === 'topic' && inputs.some(({ topic }) => topic.name === target.name))
      throw new MillraceError('OUTPUT_IS_SOURCE', { processor: this.draft.name, topic: target.name })
    if (target.kind === 'topic' && what === 'result' && this.draft.retractsWindows && target.key === undefined)
      throw new MillraceError('OPTION_INVALID', {
        where,
        option: 'target',
        given: `the topic ${target.name}, which declares no key`,
        must: 'a topic whose key tells windows apart, such as key: ({ key, window }) => [key, window.start, window.end]: updates of sessions are deleted by it. Or a table',
      })
    if (target.kind === 'table' && what === 'result' && this.draft.everyUpdate)
      throw new MillraceError('UPDATES_WITHOUT_EVERY', { processor: this.draft.name, table: target.name })
    if (target.kind === 'table' && this.draft.machine === undefined && inputs[0].topic.key === undefined)
      throw new MillraceError('TABLE_NEEDS_KEY', {
        processor: this.draft.name,
        table: target.name,
        topic: inputs[0].topic.name,
        problem: 'which declares no key',
        fix: 'Declare key: (value) => … on the topic, or go by a key: .keyBy(…) and an aggregate.',
      })
    const output = { what, target, where: options.where, map: options.map }
    return new Outputs({ ...this.draft, outputs: [...this.draft.outputs, output] })
  }
}
