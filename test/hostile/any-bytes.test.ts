import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type HostileRecord, tx } from './case.ts'
import { type Observed, observe, RECORDS, type StageName, stages } from './run.ts'

const RUNS = 150

/** Valid JSON of a transaction with a few characters changed, left out or doubled. */
const damaged = fc
  .tuple(
    fc.nat(),
    fc.nat(3),
    fc.constantFrom('', '"', '{', '[', '\\', '\u0000', 'e9', '-', '\ud800', '__proto__', ',"at":-1'),
  )
  .map(([at, cut, insert]) => {
    const text = JSON.stringify(tx())
    const place = at % text.length
    return text.slice(0, place) + insert + text.slice(place + cut)
  })
/** A transaction in which some fields are anything that JSON can say. */
const odd = fc
  .record(
    { id: fc.jsonValue(), cardId: fc.jsonValue(), amount: fc.jsonValue(), at: fc.jsonValue() },
    { requiredKeys: [] },
  )
  .map((changes) => JSON.stringify(tx(changes)))
const bytes = fc.uint8Array({ maxLength: 200 })
const record: fc.Arbitrary<HostileRecord> = fc.record(
  {
    value: fc.oneof(bytes, damaged, odd, fc.json(), fc.constantFrom(null, 'absent' as const)),
    key: fc.oneof(bytes, fc.string({ unit: 'binary' }), fc.constantFrom(null, 'absent' as const)),
    headers: fc.array(
      fc.dictionary(fc.string(), fc.oneof(fc.array(fc.integer({ min: -128, max: 127 })), fc.constant(null))),
    ),
  },
  { requiredKeys: [] },
)

test.each(Object.keys(stages) as StageName[])(
  '%s takes any bytes, and the rest of the batch does not notice',
  { timeout: 60_000 },
  async (stage) => {
    const undisturbed = await observe(stage, undefined)
    const property = fc.asyncProperty(record, async (hostile) => {
      const observed: Observed = await observe(stage, {
        id: 'any',
        record: hostile,
        cardSpend: 'counted',
        largeTransactions: 'counted',
      })
      const { read, counted, filtered, late, parked, duplicatesDropped } = observed.counts
      expect([read, counted + filtered + late + parked + duplicatesDropped]).toEqual([RECORDS, RECORDS])
      expect(observed.outcome).not.toBe('lost')
      expect(observed.good).toEqual(undisturbed.good)
    })
    await fc.assert(property, { numRuns: RUNS })
  },
)
