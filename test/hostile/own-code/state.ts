import { custom, sum } from '#millrace'
import type { Outcome } from '../case.ts'
import { anything, circular, fail, isHostile, type Order, type OwnCode, orders, own } from './own.ts'

const folded = (id: string, add: () => unknown, outcome: Outcome, says?: string): OwnCode => {
  const functions = {
    initialize: (): unknown => 0,
    add: (_: unknown, order: Order): unknown => (isHostile(order) ? add() : 1),
    merge: (a: unknown): unknown => a,
    result: (state: unknown): unknown => state,
  }
  return own(
    id,
    (p) =>
      p
        .from(orders)
        .keyBy()
        .aggregate({ x: custom('x', functions) })
        .to(anything),
    outcome,
    says,
  )
}

/** Aggregates and machines that fail. */
export const state: readonly OwnCode[] = [
  folded('a state that throws', fail, 'CODE_FAILED'),
  folded('a state of undefined', () => undefined, 'counted'),
  folded('a state that is a bigint', () => 1n, 'CODE_FAILED', 'TypeError'),
  folded('a state in a circle', () => circular, 'CODE_FAILED', 'TypeError'),
  folded('a cell too large', () => 'x'.repeat(250_000), 'CELL_TOO_LARGE'),
  folded('a cell too large in UTF-8 only', () => '€'.repeat(70_000), 'CELL_TOO_LARGE'),
  own(
    'a sum of what is no number',
    (p) =>
      p
        .from(orders)
        .keyBy()
        .aggregate({ x: sum((order) => (isHostile(order) ? Number.NaN : 1)) })
        .to(anything),
    'CODE_FAILED',
    'finite',
  ),
  own(
    'a late output that throws',
    (p) =>
      p
        .from(orders)
        .keyBy()
        .process({
          version: '1',
          onRecord: (c, { value }) => (isHostile(value) ? c.late(1) : c.emit(value.what, value.at)),
        })
        .to(anything)
        .late(anything, { map: fail }),
    'CODE_FAILED',
  ),
  own(
    'a timer that is no time',
    (p) =>
      p
        .from(orders)
        .keyBy()
        .process({
          version: '1',
          onRecord: (c, { value }) => c.cells.put(['x'], 1, isHostile(value) ? Number.NaN : -1),
        })
        .to(anything),
    'OPTION_INVALID',
  ),
]
