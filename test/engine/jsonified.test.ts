import { describe, expectTypeOf, it } from 'vitest'
import type { Jsonified } from '../../shared/engine/jsonified.ts'

/** What `JSON.parse(JSON.stringify(value))` gives, for a value of type T. Compiled by `npm run typecheck`. */
describe('a value that has been through JSON', () => {
  it('that is plain is what it was', () => {
    type Plain = {
      readonly id: string
      kind: 'a' | 'b'
      n: number | null
      ok: boolean
      list: readonly number[]
      pair: [string, number]
      inner: { x: { y: 1 } }
      [other: `x${string}`]: unknown
    }
    expectTypeOf<Jsonified<Plain>>().toEqualTypeOf<Plain>()
    expectTypeOf<Jsonified<string>>().toEqualTypeOf<string>()
    expectTypeOf<Jsonified<unknown>>().toEqualTypeOf<unknown>()
    expectTypeOf<Jsonified<Record<string, number>>>().toEqualTypeOf<Record<string, number>>()
  })

  it('keeps unions apart', () => {
    type Event = { type: 'a'; a: Date } | { type: 'b'; b: number }
    expectTypeOf<Jsonified<Event>>().toEqualTypeOf<{ type: 'a'; a: string } | { type: 'b'; b: number }>()
  })

  it('has strings for dates, and what toJSON says for anything else that has it', () => {
    expectTypeOf<Jsonified<{ at: Date; days: Date[] }>>().toEqualTypeOf<{ at: string; days: string[] }>()
    expectTypeOf<Jsonified<{ link: URL }>>().toEqualTypeOf<{ link: string }>()
  })

  it('has no undefined: a field is absent, an item null', () => {
    type Loose = { a: number | undefined; b?: string; c?: Date | undefined; list: (number | undefined)[] }
    expectTypeOf<Jsonified<Loose>>().toEqualTypeOf<{ a?: number; b?: string; c?: string; list: (number | null)[] }>()
  })

  it('has nothing where JSON loses or refuses', () => {
    type Odd = { f: () => void; m: Map<string, number>; s: Set<string>; b: bigint; bytes: Uint8Array; [at: symbol]: 1 }
    expectTypeOf<Jsonified<Odd>>().toEqualTypeOf<{ m: never; s: never; b: never; bytes: never }>()
  })
})
