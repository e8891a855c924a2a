import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { SoFar } from '../../../shared/engine/patterns/match.ts'
import { pattern } from '../../../shared/engine/patterns/pattern.ts'
import { patternMachine } from '../../../shared/engine/patterns/pattern-machine.ts'
import { play } from './play.ts'

interface Payment {
  readonly amount: number
}
const amount = ({ amount: of }: Payment) => of
const small = (measured: (event: Payment, soFar: SoFar<{ small: Payment; large: Payment }, 'small'>) => boolean) =>
  pattern<Payment>()
    .order('arrival')
    .begin('small', (event) => event.amount < 100, { measure: amount })
    .oneOrMore()
    .followedBy('large', measured)
    .skip('past-last-event')
const amounts = (...of: number[]) => of.map((each, i) => ({ value: { amount: each }, timeMs: 1_000 + i }))
const found = (built: ReturnType<typeof small>, events: ReturnType<typeof amounts>, reload = false) =>
  play(
    patternMachine(built, (match) => match.all().map((event) => event.value.amount)),
    events,
    { reload },
  )

it.each([
  ['count', (soFar: SoFar<{ small: Payment }, 'small'>) => soFar.count('small'), 3],
  ['sum', (soFar: SoFar<{ small: Payment }, 'small'>) => soFar.sum('small'), 60],
  ['min', (soFar: SoFar<{ small: Payment }, 'small'>) => soFar.min('small'), 10],
  ['max', (soFar: SoFar<{ small: Payment }, 'small'>) => soFar.max('small'), 30],
  ['mean', (soFar: SoFar<{ small: Payment }, 'small'>) => soFar.mean('small'), 20],
  ['first', (soFar: SoFar<{ small: Payment }, 'small'>) => soFar.first('small')?.value.amount, 10],
  ['last', (soFar: SoFar<{ small: Payment }, 'small'>) => soFar.last('small')?.value.amount, 30],
] as const)('%s is that of the events the partial match has taken, without the one at hand', (_, read, expected) => {
  const seen: unknown[] = []
  const rule = small((event, soFar) => {
    if (event.amount >= 100) seen.push(read(soFar))
    return event.amount >= 100
  })
  for (const reload of [false, true]) {
    seen.length = 0
    expect(found(rule, amounts(10, 20, 30, 500), reload).parked).toEqual([])
    expect(seen[0]).toBe(expected)
  }
})

it('has no values of a step that has taken nothing', () => {
  const seen: unknown[] = []
  const rule = pattern<Payment>()
    .order('arrival')
    .begin('other', () => true)
    .followedBy(
      'small',
      (_, soFar) => {
        seen.push(
          soFar.count('small'),
          soFar.sum('small'),
          soFar.min('small'),
          soFar.mean('small'),
          soFar.last('small'),
        )
        return false
      },
      { measure: amount },
    )
  play(
    patternMachine(rule, () => 0),
    amounts(1, 2),
  )
  expect(seen.slice(0, 5)).toEqual([0, 0, undefined, undefined, undefined])
})

it('finds an amount far above the mean of those before it', () => {
  const rule = small((event, soFar) => soFar.count('small') >= 3 && event.amount > 10 * soFar.mean('small')!)
  expect(found(rule, amounts(10, 20, 30, 190, 210)).results.map((result) => result.value)).toEqual([[10, 20, 30, 210]])
})

it('agrees with what a walk over all events gives', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 150 }), { maxLength: 9 }), fc.boolean(), (drawn, reload) => {
      const rule = small((event, soFar) => {
        const all = soFar.values('small').map(amount)
        expect([soFar.count('small'), soFar.sum('small'), soFar.min('small'), soFar.max('small')]).toEqual([
          all.length,
          all.reduce((sum, each) => sum + each, 0),
          Math.min(...all),
          Math.max(...all),
        ])
        expect([soFar.first('small')?.value.amount, soFar.last('small')?.value.amount]).toEqual([all[0], all.at(-1)])
        return event.amount > soFar.sum('small')
      })
      expect(found(rule, amounts(...drawn), reload).parked).toEqual([])
    }),
    { numRuns: 200 },
  )
})

it('parks an event whose measure is no number', () => {
  const rule = pattern<{ amount: unknown }>()
    .order('arrival')
    .begin('all', (_, soFar) => soFar.count('all') >= 0, { measure: (event) => event.amount as number })
    .times(2)
  const events = [1, 'x', 2].map((each, i) => ({ value: { amount: each }, timeMs: i }))
  const { parked, results } = play(
    patternMachine(rule, () => 'match'),
    events,
  )
  expect(parked).toEqual(['NUMBER_UNSAFE'])
  expect(results).toHaveLength(1)
})

it('knows which steps are measured', () => {
  const start = pattern<Payment>().order('arrival')
  start
    .begin('small', () => true)
    // @ts-expect-error the step has no measure
    .followedBy('large', (_, soFar) => soFar.sum('small') > 1)
  start
    .begin('small', () => true, { measure: amount })
    .followedBy('large', (_, soFar) => soFar.sum('small') > 1)
    // @ts-expect-error a step of that name does not exist
    .followedBy('larger', (_, soFar) => soFar.count('medium') > 1)
})
