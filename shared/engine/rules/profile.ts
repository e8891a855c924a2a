import { MillraceError } from '../../errors.ts'
import { type DurationMs, days, isDuration } from '../../time.ts'
import { type Aggregate, type Aggregates, combine, type Results } from '../aggregates/aggregate.ts'

/** Something that is known of a key when a rule decides. `Value` is what the rule sees. */
export type Feature<T, Value> = Recent<T, Value> | Always<T, Value> | Previous<T, Value>

interface Typed<Value> {
  /** Type only: what rules see. */
  readonly __value?: Value
}
export interface Recent<T, Value = unknown> extends Typed<Value> {
  readonly kind: 'recent'
  readonly upToMs: number
  readonly aggregates: Aggregates<T>
}
export interface Always<T, Value = unknown> extends Typed<Value> {
  readonly kind: 'always'
  readonly aggregate: Aggregate<T, unknown, object>
}
export interface Previous<T, Value = unknown> extends Typed<Value> {
  readonly kind: 'previous'
  readonly of: (event: T) => unknown
}

/** Names to features. */
export type Features<T> = Readonly<Record<string, Feature<T, unknown>>>
/** What rules see of features. */
export type Seen<F> = { readonly [Name in keyof F]: F[Name] extends { readonly __value?: infer Value } ? Value : never }

/**
 * Aggregates over the newest events of the key, the event at hand included: `seen.NAME(minutes(10))` covers the events
 * with a time in `(t - 10 min, t]` where t is the event's own time; of equal times, those that were read before it.
 * Exact. `upTo` is the longest duration that a rule may ask for: so long each event is kept, at most 1,000 of a key.
 *
 * @throws MillraceError `DURATION_INVALID`, `OPTION_INVALID`
 * @example recent({ upTo: hours(1) }, { count: count(), total: sum((p) => p.amount) })
 */
export function recent<T, const Spec extends Aggregates<T>>(
  options: { readonly upTo: DurationMs },
  spec: Spec,
): Recent<T, (duration: DurationMs) => Results<Spec>> {
  if (!isDuration(options?.upTo, 1))
    throw new MillraceError('DURATION_INVALID', { where: 'recent()', option: 'upTo', given: options?.upTo, min: 1 })
  checkAggregates('recent()', spec)
  return Object.freeze({ kind: 'recent', upToMs: options.upTo, aggregates: spec })
}

/**
 * Aggregates over all events of the key before the one at hand, until the profile forgets the key.
 *
 * @throws MillraceError `OPTION_INVALID`
 * @example always({ count: count(), mean: mean((p) => p.amount) })
 */
export const always = <T, const Spec extends Aggregates<T>>(spec: Spec): Always<T, Results<Spec>> =>
  Object.freeze({ kind: 'always', aggregate: combine(checkAggregates('always()', spec)) })

/** The event before the one at hand. */
export interface PreviousEvent<Value> {
  readonly timeMs: number
  /** As JSON carries it. */
  readonly value: Value
}

/**
 * What `of` takes from the event before the one at hand; undefined for a key's first event.
 * @example previous((p) => ({ latitude: p.latitude, longitude: p.longitude }))
 */
export function previous<T, Value>(of: (event: T) => Value): Previous<T, PreviousEvent<Value> | undefined> {
  if (typeof of !== 'function')
    throw new MillraceError('OPTION_INVALID', {
      where: 'previous()',
      option: 'of',
      given: typeof of,
      must: 'a function',
    })
  return Object.freeze({ kind: 'previous', of })
}

function checkAggregates<T>(where: string, spec: Aggregates<T>): Aggregates<T> {
  const parts = Object.values(spec ?? {})
  if (parts.length === 0 || parts.some((part) => typeof part?.add !== 'function'))
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'aggregates',
      given: Object.keys(spec ?? {}),
      must: 'an object of aggregates such as { count: count() }',
    })
  return spec
}

/** The features of a key as the machine holds them. */
export interface ProfileSpec {
  readonly recents: readonly { readonly name: string; readonly feature: Recent<unknown> }[]
  readonly always: readonly { readonly name: string; readonly feature: Always<unknown> }[]
  readonly previous: readonly { readonly name: string; readonly feature: Previous<unknown> }[]
  /** How long events are kept: the longest of the recents; 0 without any. */
  readonly horizonMs: number
  /** A key without events for so long is forgotten. */
  readonly forgetAfterMs: number
  readonly signature: string
}

export const FORGET_AFTER_MS: DurationMs = days(400)

/** @throws MillraceError `OPTION_INVALID`, `DURATION_INVALID` */
export function profileSpec(features: Features<never>, forgetAfterMs: number): ProfileSpec {
  if (!isDuration(forgetAfterMs, days(1)))
    throw new MillraceError('DURATION_INVALID', {
      where: 'profile()',
      option: 'forgetAfter',
      given: forgetAfterMs,
      min: days(1),
    })
  const all = Object.entries(features ?? {}).map(([name, feature]) => ({
    name,
    feature: feature as Feature<unknown, unknown>,
  }))
  const of = <Kind extends string>(kind: Kind) =>
    all.filter((each) => each.feature?.kind === kind) as {
      name: string
      feature: Extract<Feature<unknown, unknown>, { kind: Kind }>
    }[]
  const spec = { recents: of('recent'), always: of('always'), previous: of('previous') }
  const known = spec.recents.length + spec.always.length + spec.previous.length
  if (known === 0 || known < all.length)
    throw new MillraceError('OPTION_INVALID', {
      where: 'profile()',
      option: 'features',
      given: all.map(({ name }) => name),
      must: 'made with recent(…), always(…) and previous(…)',
    })
  return {
    ...spec,
    horizonMs: Math.max(0, ...spec.recents.map(({ feature }) => feature.upToMs)),
    forgetAfterMs,
    // What is kept depends on always and previous; recents are computed from the events themselves.
    signature: `always(${spec.always.map(({ name, feature }) => `${name}:${feature.aggregate.name}`).join(';')})previous(${spec.previous.map(({ name }) => name).join(';')})`,
  }
}
