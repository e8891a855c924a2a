import { topic } from '#millrace'
import { CANARY, type Outcome } from '../case.ts'
import { anything, circular, fail, isHostile, type OwnCode, orders, own, schema, throwing } from './own.ts'

const mapped = (id: string, to: () => unknown, outcome: Outcome, says?: string): OwnCode =>
  own(
    id,
    (p) =>
      p
        .from(orders)
        .map((order): unknown => (isHostile(order) ? to() : order))
        .to(anything),
    outcome,
    says,
  )
const endless = (n: number): number => endless(n + 1) + 1

/** Steps and outputs that fail. */
export const transforms: readonly OwnCode[] = [
  own(
    'a filter that throws',
    (p) =>
      p
        .from(orders)
        .filter(throwing(new TypeError(CANARY)))
        .to(anything),
    'CODE_FAILED',
    'TypeError',
  ),
  ...Object.entries({ string: CANARY, object: null, undefined, number: 7, symbol: Symbol(CANARY) }).map(
    ([type, thrown]) =>
      own(
        `a filter that throws a ${type}`,
        (p) => p.from(orders).filter(throwing(thrown)).to(anything),
        'CODE_FAILED',
        type,
      ),
  ),
  own('a where that throws', (p) => p.from(orders).to(anything, { where: throwing(new Error(CANARY)) }), 'CODE_FAILED'),
  own(
    'a flatMap that returns no list',
    (p) =>
      p
        .from(orders)
        .flatMap((order) => (isHostile(order) ? (7 as never) : [order]))
        .to(anything),
    'CODE_FAILED',
    'TypeError',
  ),
  own(
    'a flatMap that goes on for ever',
    (p) =>
      p
        .from(orders)
        .flatMap((order) => (isHostile(order) ? Array<string>(100_000).fill('x'.repeat(99)) : [order.what]))
        .to(anything),
    'OUTPUTS_TOO_MANY',
  ),
  mapped('a map without an end', () => endless(0), 'CODE_FAILED', 'RangeError'),
  mapped('an output of undefined', () => undefined, 'CODE_FAILED', 'not JSON'),
  mapped('an output that is a function', () => () => CANARY, 'CODE_FAILED', 'not JSON'),
  mapped('an output that is a bigint', () => ({ n: 1n }), 'CODE_FAILED', 'TypeError'),
  mapped('an output in a circle', () => circular, 'CODE_FAILED', 'TypeError'),
  mapped('an output whose toJSON throws', () => ({ toJSON: fail }), 'CODE_FAILED', 'Error'),
  mapped(
    'an output whose getter throws',
    () => Object.defineProperty({}, 'x', { enumerable: true, get: fail }),
    'CODE_FAILED',
  ),
  mapped('an output as large as allowed', () => 'x'.repeat(256 * 1_024 - 2), 'counted'),
  mapped('an output one byte too large', () => 'x'.repeat(256 * 1_024 - 1), 'OUTPUT_TOO_LARGE'),
  mapped('an output too large in UTF-8 only', () => '€'.repeat(90_000), 'OUTPUT_TOO_LARGE'),
  mapped('an output that is no number', () => Number.NaN, 'counted'),
  mapped('a delete', () => null, 'counted'),
  own(
    'an output key that throws',
    (p) => p.from(orders).to(topic('keyed', { schema, key: (order) => (isHostile(order) ? fail() : 'x') })),
    'CODE_FAILED',
  ),
  own(
    'an output key too large',
    (p) => p.from(orders).to(topic('keyed', { schema, key: (order) => order.what.repeat(isHostile(order) ? 999 : 1) })),
    'OUTPUT_TOO_LARGE',
  ),
]
