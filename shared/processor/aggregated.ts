import {
  type Aggregate,
  type Results as AggregateResults,
  type Aggregates,
  combine,
} from '../engine/aggregates/aggregate.ts'
import { type Expiry, runningMachine } from '../engine/aggregates/running-machine.ts'
import type { Key } from '../engine/key.ts'
import type { Machine, WindowBounds } from '../engine/machine.ts'
import type { Emission } from '../engine/windows/emission.ts'
import type { EmitMode, Window } from '../engine/windows/window.ts'
import { windowMachine } from '../engine/windows/window-machine.ts'
import { MillraceError } from '../errors.ts'
import { type DurationMs, isDuration } from '../time.ts'
import { checkOptions } from './check.ts'
import type { Draft } from './draft.ts'
import { Outputs } from './outputs.ts'

/** Records grouped by key and window. */
export class Windowed<T, K extends Key, Modes extends EmitMode> {
  readonly #draft: Draft
  readonly #window: Window<Modes>
  constructor(draft: Draft, window: Window<Modes>) {
    this.#draft = draft
    this.#window = window
  }

  /**
   * One result per key and window. Default emission: final, where the window closes.
   * @throws MillraceError `OPTION_INVALID`
   */
  aggregate<const Spec extends Aggregates<T>>(
    spec: Spec,
  ): Aggregated<{ readonly key: K; readonly window: WindowBounds } & AggregateResults<Spec>, T, K, Modes> {
    const combined = combineChecked<T>(this.#draft, spec)
    const { modes } = this.#window
    return new Aggregated(this.#draft, (emission) => windowMachine(this.#window, combined, emission), modes)
  }

  /**
   * A second window: refused, by the compiler too.
   * @throws MillraceError `OPTION_INVALID`
   */
  window(_: never): never {
    throw new MillraceError('OPTION_INVALID', {
      where: `processor(${JSON.stringify(this.#draft.name)})`,
      option: 'window',
      given: 'a second one',
      must: 'one of a processor: declare another processor for the other one, from the same topic',
    })
  }
}

/** Results of an aggregation, to be emitted and put out. */
export class Aggregated<R, T, K extends Key, Modes extends EmitMode> extends Outputs<R, T, K> {
  readonly #draft: Draft
  readonly #machine: (emission: Emission) => Machine<T, unknown>
  readonly #modes: readonly EmitMode[]
  constructor(draft: Draft, machine: (emission: Emission) => Machine<T, unknown>, modes: readonly Modes[]) {
    super(emitting(draft, machine, modes[0] === 'updates' ? EVERY_UPDATE : FINAL))
    this.#draft = draft
    this.#machine = machine
    this.#modes = modes
  }

  /**
   * When results go out. 'updates': after each change, or at most one per key and window in `every` of event time, the
   * newest. 'final': when the window closes; with `early`, also before, at most one in that much event time, and `final`
   * of each result says which it is.
   * @throws MillraceError `OPTION_INVALID`, `OPTION_UNKNOWN`, `DURATION_INVALID`
   */
  emit(mode: Modes & 'updates', options?: { every?: DurationMs }): Outputs<R, T, K>
  emit(mode: Modes & 'final'): Outputs<R, T, K>
  emit(mode: Modes & 'final', options: { early: DurationMs }): Outputs<R & { readonly final: boolean }, T, K>
  emit(mode: EmitMode, options: { every?: DurationMs; early?: DurationMs } = {}): Outputs<R, T, K> {
    const where = `processor(${JSON.stringify(this.draft.name)}).emit(${JSON.stringify(mode)})`
    if (!this.#modes.includes(mode))
      throw new MillraceError('OPTION_INVALID', {
        where,
        option: 'mode',
        given: mode,
        must: this.#modes.map((each) => `'${each}'`).join(' or ') || 'left out: the window says when results go out',
      })
    const option = mode === 'updates' ? 'every' : 'early'
    checkOptions(where, options, [option])
    const givenMs = options[option]
    if (givenMs !== undefined && !isDuration(givenMs, 1))
      throw new MillraceError('DURATION_INVALID', { where, option, given: givenMs, min: 1 })
    const updates =
      givenMs === undefined ? (mode === 'updates' ? EVERY_UPDATE.updates : undefined) : { everyMs: givenMs }
    return new Outputs(emitting(this.#draft, this.#machine, { final: mode === 'final', updates }))
  }
}

/** Results of an aggregation over all time. */
export class Running<R, T, K extends Key> extends Aggregated<R, T, K, 'updates'> {
  readonly #draft: Draft
  readonly #aggregate: Aggregate<T, unknown, object>
  constructor(draft: Draft, aggregate: Aggregate<T, unknown, object>, expiry?: Expiry) {
    super(draft, (emission) => runningMachine(aggregate, emission, expiry), ['updates'])
    this.#draft = draft
    this.#aggregate = aggregate
  }

  /**
   * Forgets a key that saw no record for `silence` of event time: when stream time reaches the event time of its newest
   * record plus `silence`, its state is removed and its result is deleted (a tombstone on topics, the row of a table). Its
   * next record begins anew. A record as old as that whose key has no state is late: what it belongs to is over.
   *
   * Called before `emit`.
   * @param options `keepResult`: true leaves the last result where it was put out. Default false.
   * @throws MillraceError `DURATION_INVALID`, `OPTION_UNKNOWN`, `OPTION_INVALID`
   */
  expireAfter(silence: DurationMs, options: { keepResult?: boolean } = {}): Running<R, T, K> {
    const where = `processor(${JSON.stringify(this.#draft.name)}).expireAfter()`
    if (!isDuration(silence, 1))
      throw new MillraceError('DURATION_INVALID', { where, option: 'silence', given: silence, min: 1 })
    checkOptions(where, options, ['keepResult'])
    const { keepResult = false } = options
    if (typeof keepResult !== 'boolean')
      throw new MillraceError('OPTION_INVALID', {
        where,
        option: 'keepResult',
        given: keepResult,
        must: 'true or false',
      })
    return new Running(this.#draft, this.#aggregate, { afterMs: silence, keepResult })
  }
}

const FINAL: Emission = { final: true, updates: undefined }
const EVERY_UPDATE: Emission = { final: false, updates: { everyMs: 0 } }

const emitting = <T>(
  draft: Draft,
  machine: (emission: Emission) => Machine<T, unknown>,
  emission: Emission,
): Draft => ({
  ...draft,
  machine: machine(emission) as Machine<unknown, unknown>,
  everyUpdate: emission.updates?.everyMs === 0,
  retractsWindows: draft.retractsWindows && emission.updates !== undefined,
})

/** @throws MillraceError `OPTION_INVALID` */
export function combineChecked<T>(draft: Draft, spec: Aggregates<T>): ReturnType<typeof combine<T>> {
  const where = `processor(${JSON.stringify(draft.name)}).aggregate()`
  const entries = Object.entries(spec ?? {})
  if (entries.length === 0)
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'aggregates',
      given: spec,
      must: 'an object such as { count: count() }',
    })
  for (const [name, aggregate] of entries) {
    if (name === 'key' || name === 'window' || name === 'final')
      throw new MillraceError('OPTION_INVALID', {
        where,
        option: name,
        given: 'an aggregate',
        must: 'called otherwise: results carry a key, a window and a final of their own',
      })
    if (typeof aggregate?.add !== 'function')
      throw new MillraceError('OPTION_INVALID', {
        where,
        option: name,
        given: typeof aggregate,
        must: 'an aggregate such as count() or sum((v) => v.amount)',
      })
  }
  return combine(spec)
}
