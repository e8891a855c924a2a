import type { Results as AggregateResults, Aggregates } from '../engine/aggregates/aggregate.ts'
import type { Jsonified } from '../engine/jsonified.ts'
import type { Key } from '../engine/key.ts'
import type { Machine } from '../engine/machine.ts'
import type { Op } from '../engine/ops.ts'
import type { Match, TimedOut } from '../engine/patterns/match.ts'
import { type Pattern, type PatternStart, pattern } from '../engine/patterns/pattern.ts'
import { patternMachine } from '../engine/patterns/pattern-machine.ts'
import { checkRules } from '../engine/patterns/rule-checks.ts'
import { rulesMachine } from '../engine/patterns/rules-machine.ts'
import type { Alert } from '../engine/rules/alert.ts'
import { ruleMachine } from '../engine/rules/rule-machine.ts'
import type { EmitMode, Window } from '../engine/windows/window.ts'
import { MillraceError } from '../errors.ts'
import { combineChecked, Running, Windowed } from './aggregated.ts'
import { checkFunction, checkOptions } from './check.ts'
import { type Apart, checkedInputs, type FromEither } from './cogroup.ts'
import { checkedDistinct, type DistinctOptions } from './distinct.ts'
import { checkProcessor, type Draft, type ProcessorOptions } from './draft.ts'
import { Outputs, type Processor } from './outputs.ts'
import { type Process, processMachine } from './process.ts'
import { type RuleList, type RuleListStart, ruleListStart } from './rule-list.ts'
import type { RuleSet } from './rules.ts'
import type { Settings } from './settings.ts'
import type { Topic } from './topic.ts'

/**
 * Declares a processor: what it reads, what it does, what it writes. The chain reads from top to bottom, and each call
 * returns a new value.
 *
 * @throws MillraceError `NAME_INVALID`, `OPTION_UNKNOWN`, `OPTION_INVALID`, `DURATION_INVALID`
 * @example
 * export const large = processor('large-payments').from(payments).filter((p) => p.amount > 1000).to(largePayments)
 */
export function processor(name: string, options: ProcessorOptions = {}): Source {
  return new Source(name, checkProcessor(name, options))
}

class Source {
  readonly #name: string
  readonly #options: Draft['options']
  constructor(name: string, options: Draft['options']) {
    this.#name = name
    this.#options = options
  }

  /**
   * The topic to read. `generation`: of the processors that write it in several generations, the one to take; of those
   * with a single one that is taken. Records of writers that are not in the list are then filtered.
   * @throws MillraceError `OPTION_INVALID`
   */
  from<In, T, K extends Key>(source: Topic<In, T, K>, options: { generation?: number } = {}): Stream<T, K> {
    const where = `processor(${JSON.stringify(this.#name)}).from()`
    if (source?.kind !== 'topic')
      throw new MillraceError('OPTION_INVALID', {
        where,
        option: 'source',
        given: source,
        must: 'a topic made with topic(…)',
      })
    checkOptions(where, options, ['generation'])
    const { generation: pinnedGeneration } = options
    return new Stream(this.#draft([{ as: undefined, topic: source, pinnedGeneration, ops: [], keyBy: undefined }]))
  }

  /**
   * Several sources that meet under one key: records of each, tagged with its name, travel through one internal topic to
   * what stands behind, be it an aggregate, a pattern or a machine. Time there is that of the source partition that lags
   * most; one that is silent for `idleAfter` is not waited for. Deletes (null) are filtered, as behind any `keyBy(fn)`.
   *
   * The names of the sources are part of the state: another set of them is another `generation`.
   * @throws MillraceError `NAME_INVALID`, `OPTION_INVALID`
   * @example
   * processor('activity')
   *   .cogroup({
   *     order: (source) => source.from(orders).keyBy((order) => order.customer),
   *     payment: (source) => source.from(payments).keyBy((payment) => payment.payer),
   *   })
   *   .aggregate({ paid: sum((each) => (each.source === 'payment' ? each.value.amount : 0)) })
   */
  cogroup<Sources extends Record<string, unknown>>(
    sources: {
      [Name in keyof Sources]: (source: Pick<Source, 'from'>) => Sources[Name]
    },
  ): Met<Sources> {
    const where = `processor(${JSON.stringify(this.#name)}).cogroup()`
    const drafts = Object.entries(sources ?? {}).map(([name, declare]) => {
      checkFunction(where, name, declare)
      return [name, Keyed.draftOf(declare(this))] as const
    })
    return new Keyed(this.#draft(checkedInputs(where, Object.fromEntries(drafts)))) as unknown as Met<Sources>
  }

  #draft(inputs: Draft['inputs']): Draft {
    return {
      name: this.#name,
      options: this.#options,
      inputs,
      gates: [],
      machine: undefined,
      rules: [],
      settings: undefined,
      everyUpdate: false,
      retractsWindows: false,
      timesOut: false,
      outputs: [],
    }
  }
}

type Values<Sources> = { [Name in keyof Sources]: Sources[Name] extends Keyed<infer T, infer _K> ? T : never }
type Keys<Sources> = { [Name in keyof Sources]: Sources[Name] extends Keyed<infer _T, infer K> ? K : never }
/** Sources that cannot meet are a type without a method, which says why. */
type Met<Sources> = [Apart<Keys<Sources>>] extends [never]
  ? Keyed<FromEither<Values<Sources>>, Keys<Sources>[keyof Sources]>
  : { readonly problem: Apart<Keys<Sources>>; readonly keys: Keys<Sources> }

/** Records as they come: steps without state. */
export class Stream<T, K extends Key> extends Outputs<T> {
  /** Keeps the records for which `keep` is true. */
  filter<U extends T>(keep: (value: T) => value is U): Stream<U, K>
  filter(keep: (value: T) => boolean): Stream<T, K>
  filter(keep: (value: T) => boolean): Stream<T, K> {
    return this.#with({ kind: 'filter', keep: keep as (value: unknown) => boolean })
  }

  /** Replaces each value. */
  map<U>(to: (value: T) => U): Stream<U, K> {
    return this.#with({ kind: 'map', to: to as (value: unknown) => unknown }) as unknown as Stream<U, K>
  }

  /** Replaces each value by none, one or several. */
  flatMap<U>(to: (value: T) => readonly U[]): Stream<U, K> {
    return this.#with({ kind: 'flatMap', to: to as (value: unknown) => readonly unknown[] }) as unknown as Stream<U, K>
  }

  /**
   * Groups by the topic's own key, which costs nothing; with a function, by what it returns: the records then travel
   * through an internal topic as JSON, and lateness there depends on how upstream batches were cut. A delete (null) has no
   * value to take another key from: behind a function it is filtered.
   * @throws MillraceError `KEY_UNKNOWN`
   */
  keyBy(): Keyed<T, K>
  keyBy<const New extends Key>(key: (value: NonNullable<T>) => New): Keyed<Jsonified<NonNullable<T>>, New>
  keyBy(key?: (value: NonNullable<T>) => Key): unknown {
    const { name, inputs } = this.draft
    const [{ topic }] = inputs
    if (key !== undefined) checkFunction(`processor(${JSON.stringify(name)}).keyBy()`, 'key', key)
    if (key === undefined && topic.key === undefined)
      throw new MillraceError('KEY_UNKNOWN', { where: `processor(${JSON.stringify(name)})`, topic: topic.name })
    const keyBy = key === undefined ? 'topic' : (key as (value: unknown) => Key)
    return new Keyed({ ...this.draft, inputs: [{ ...inputs[0], keyBy }] })
  }

  #with(op: Op): Stream<T, K> {
    const where = `processor(${JSON.stringify(this.draft.name)}).${op.kind}()`
    checkFunction(where, op.kind, op.kind === 'filter' ? op.keep : op.to)
    const [input] = this.draft.inputs
    return new Stream({ ...this.draft, inputs: [{ ...input, ops: [...input.ops, op] }] })
  }
}

/** Records grouped by key: what has state starts here. */
export class Keyed<T, K extends Key> {
  readonly #draft: Draft
  constructor(draft: Draft) {
    this.#draft = draft
  }

  /** undefined for what is no such thing. */
  static draftOf(keyed: unknown): Draft | undefined {
    return keyed instanceof Keyed ? keyed.#draft : undefined
  }

  /**
   * Drops records whose id came before under the same key, such as a producer's retry: it has another offset, so nothing
   * else can know it. What is dropped is counted as `duplicatesDropped`.
   *
   * An id is taken from the record that is let through until `within` of event time after it (exclusive); a record that
   * carries it and whose event time is earlier than that is a repeat. Exact, whatever the order of arrival. A record whose
   * event time is at or before stream time less `within` cannot be judged: it is late.
   *
   * @param by the id: a text, a finite number, a boolean, or a list or object of these, up to 256 characters of text
   * @param options `max`: ids of one key held at a time (they are held for twice `within`), 1 to 1,000,000, default
   *   100,000; a record with a new id beyond that is parked, `DISTINCT_FULL`
   * @throws MillraceError `OPTION_INVALID`, `OPTION_UNKNOWN`, `DURATION_INVALID`
   * @example .keyBy().distinct((tx) => tx.id, { within: minutes(10) }).window(tumbling(minutes(5)).grace(minutes(1)))
   */
  distinct(by: (value: T) => Key, options: DistinctOptions): Keyed<T, K> {
    const where = `processor(${JSON.stringify(this.#draft.name)}).distinct()`
    checkFunction(where, 'by', by)
    return new Keyed({ ...this.#draft, gates: [...this.#draft.gates, checkedDistinct(where, by, options)] })
  }

  /**
   * Groups by window as well: `tumbling hopping sliding session calendar unlimited everyRecords lastRecords global`.
   * @throws MillraceError `GRACE_MISSING`, `OPTION_INVALID`
   */
  window<Modes extends EmitMode>(window: Window<Modes>): Windowed<T, K, Modes> {
    const where = `processor(${JSON.stringify(this.#draft.name)})`
    if (typeof window !== 'object' || window === null)
      throw new MillraceError('OPTION_INVALID', {
        where,
        option: 'window',
        given: window,
        must: 'a window, such as tumbling(minutes(5)).grace(seconds(30))',
      })
    if (!('shape' in window))
      throw new MillraceError('GRACE_MISSING', { where, window: (window as { written?: string }).written })
    return new Windowed({ ...this.#draft, retractsWindows: window.shape.kind === 'session' }, window)
  }

  /**
   * One result per key over all time: a changelog, whose newest result of a key replaces those before (as in a compacted
   * topic, or a table). Default emission: every change. Keys stay for ever unless {@link Running.expireAfter} lets them go.
   */
  aggregate<const Spec extends Aggregates<T>>(spec: Spec): Running<{ readonly key: K } & AggregateResults<Spec>, T, K> {
    return new Running(this.#draft, combineChecked<T>(this.#draft, spec))
  }

  /**
   * Finds sequences of events per key; `onMatch` makes what is put out, timed by the match's end. What came too late goes
   * to `.late(…)`, partial matches that time has ended to `.timedOut(…)`.
   * @throws MillraceError `PATTERN_INVALID`, `OPTION_INVALID`
   * @example .detect((p) => p.order('arrival').begin('small', (tx) => tx.amount < 100).atLeast(3).followedBy('large', (tx) => tx.amount > 1000).within(minutes(5)), (match) => ({ cardId: match.key, events: match.all() }))
   */
  detect<Steps, Out, Measured extends string>(
    describe: (start: PatternStart<T>) => Pattern<T, Steps, Measured>,
    onMatch: (match: Match<Steps> & { readonly key: K }) => Out,
  ): Outputs<Out, T, K, TimedOut<Steps, K>> {
    const where = `processor(${JSON.stringify(this.#draft.name)}).detect()`
    for (const [option, given] of Object.entries({ describe, onMatch }))
      if (typeof given !== 'function')
        throw new MillraceError('OPTION_INVALID', { where, option, given: typeof given, must: 'a function' })
    const machine = patternMachine(describe(pattern<T>()), onMatch as (match: Match<Steps>) => Out)
    return new Outputs({ ...this.#draft, machine: machine as Machine<unknown, unknown>, timesOut: true })
  }

  /**
   * Finds many patterns in one pass over the records: a list of rules, each with a name and a version of its own. A rule
   * that is changed starts afresh, and nothing that was kept for the old one is read as the new one's.
   * @throws MillraceError `PATTERN_INVALID`, `DUPLICATE`, `OPTION_INVALID`
   * @example .detectAll((rules) => rules.order('arrival').rule('three-large', (p) => p.begin('large', (tx) => tx.amount > 1000).times(3).within(minutes(5)), (match) => ({ rule: 'three-large', cardId: match.key })))
   */
  detectAll<Out, Ended>(
    describe: (rules: RuleListStart<T, K>) => RuleList<T, K, Out, Ended>,
  ): Outputs<Out, T, K, Ended> {
    const where = `processor(${JSON.stringify(this.#draft.name)}).detectAll()`
    checkFunction(where, 'describe', describe)
    const { order, rules } = describe(ruleListStart<T, K>(where))
    checkRules(where, rules)
    return new Outputs({ ...this.#draft, machine: rulesMachine(order, rules), timesOut: true })
  }

  /**
   * Looks at every event with a set of rules, in one pass; puts out an {@link Alert} for each that finds something.
   * `settings`: what operators may change of the rules while they run; without it they stay as declared.
   * @throws MillraceError `OPTION_INVALID`
   */
  rules(set: RuleSet<T>, options: { settings?: Settings } = {}): Outputs<Alert<K>, T, K> {
    if (!Array.isArray(set?.rules))
      throw new MillraceError('OPTION_INVALID', {
        where: `processor(${JSON.stringify(this.#draft.name)}).rules()`,
        option: 'set',
        given: typeof set,
        must: 'a set of rules made with profile<T>()({ … }).set([…])',
      })
    checkOptions(`processor(${JSON.stringify(this.#draft.name)}).rules()`, options, ['settings'])
    const machine = ruleMachine(set) as Machine<unknown, unknown>
    const rules = set.rules.map(({ name }) => name)
    return new Outputs({ ...this.#draft, machine, rules, settings: options.settings })
  }

  /** A keyed state machine with timers of your own. */
  process<Out>(machine: Process<T, Out, K>): Outputs<Out, T, K> {
    return new Outputs({ ...this.#draft, machine: processMachine(this.#draft.name, machine) })
  }
}

export type { Processor }
