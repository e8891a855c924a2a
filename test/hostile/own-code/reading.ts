import { collect, type Topic } from '#millrace'
import type { Outcome } from '../case.ts'
import { anything, fail, HOSTILE, isHostile, type Order, type OwnCode, orders, own, throwing } from './own.ts'

const read = (id: string, changes: Partial<Topic<unknown, Order>>, outcome: Outcome, says?: string): OwnCode =>
  own(
    id,
    (p) =>
      p
        .from({ ...orders, ...changes } as typeof orders)
        .keyBy()
        .aggregate({ all: collect(9) })
        .to(anything),
    outcome,
    says,
  )
const validating = (validate: (value: unknown) => unknown) =>
  ({ schema: { '~standard': { version: 1, vendor: 'own', validate } } }) as unknown as Partial<Topic<unknown, Order>>
const orElse = (bad: (value: unknown) => unknown) => (value: unknown) =>
  isHostile(value as Order) ? bad(value) : { value }

/** Schemas, keys and times of topics that fail. */
export const reading: readonly OwnCode[] = [
  read('a schema that throws', validating(orElse(fail)), 'CODE_FAILED'),
  read(
    'a schema that throws nothing',
    validating(orElse(() => throwing(undefined)({ card: '', what: HOSTILE, at: 0 }))),
    'CODE_FAILED',
    'undefined',
  ),
  read(
    'a schema that quotes the value',
    validating(orElse((value) => ({ issues: [{ message: JSON.stringify(value) }] }))),
    'SCHEMA',
    'its root',
  ),
  read('a key that throws', { key: (order) => (isHostile(order) ? fail() : order.card) }, 'CODE_FAILED'),
  read(
    'a key that is another',
    { key: (order) => (isHostile(order) ? { a: [1, null as never] } : order.card) },
    'KEY_MISMATCH',
  ),
  read('a time that throws', { time: (order) => (isHostile(order) ? fail() : order.at) }, 'CODE_FAILED'),
  ...[Number.NaN, Number.POSITIVE_INFINITY, -1, 0.5, '1', 1n, null, undefined, new Date(0)].map((time) =>
    read(
      `a time of ${typeof time} ${time}`,
      { time: (order) => (isHostile(order) ? (time as number) : order.at) },
      'TIME_INVALID',
    ),
  ),
]
