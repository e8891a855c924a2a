import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { type LateRecord, minutes, patternFromJson, processor, seconds, type TimedOut, topic } from '#millrace'
import { testDriver } from '#millrace/testing'

const payment = z.object({ id: z.string(), cardId: z.string(), amount: z.number(), at: z.number() })
type Payment = z.infer<typeof payment>
const payments = topic('payments', { schema: payment, key: (p) => p.cardId, time: (p) => p.at, partitions: 1 })
const found = topic('found', { schema: z.custom<{ rule: string; ids: string[] }>(), partitions: 1 })
const missed = topic('missed', { schema: z.custom<{ why: string; ids: string[]; at: number }>(), partitions: 1 })
const late = topic('late', { schema: z.custom<LateRecord<Payment, string>>(), partitions: 1 })

const ids = (events: readonly { value: Payment }[]) => events.map(({ value }) => value.id)
const pay = (id: string, amount: number, at: number): Payment => ({ id, cardId: 'card', amount, at })
type Ended = Pick<TimedOut<unknown>, 'why' | 'endMs'> & { readonly events: readonly { readonly value: Payment }[] }
const ended = ({ why, events, endMs }: Ended) => ({
  why,
  ids: ids(events),
  at: endMs,
})

describe('detect', () => {
  const smallThenLarge = processor('small-then-large')
    .from(payments)
    .keyBy()
    .detect(
      (p) =>
        p
          .order('event-time', { grace: seconds(1) })
          .begin('small', (tx) => tx.amount < 100, { measure: (tx) => tx.amount })
          .atLeast(2)
          .followedBy('large', (tx, soFar) => tx.amount > 10 * (soFar.mean('small') ?? 0))
          .within(minutes(5))
          .skip('past-last-event'),
      (match) => ({ rule: 'small-then-large', ids: ids(match.all()) }),
    )
    .to(found)
    .timedOut(missed, { map: ended })
    .late(late)

  it('puts out matches, time-outs and late events, each to its own topic, in order', async () => {
    const driver = testDriver(smallThenLarge)
    for (const each of [pay('1', 10, 0), pay('3', 20, 2_000), pay('2', 15, 1_500), pay('4', 500, 9_000)])
      await driver.pipe(payments, each)
    await driver.pipe(payments, pay('5', 30, 7_999))
    await driver.pipe(payments, pay('6', 30, 12_000))
    await driver.advanceClock(minutes(12))
    expect((await driver.output(found)).map(({ value }) => value)).toEqual([
      { rule: 'small-then-large', ids: ['1', '2', '3', '4'] },
    ])
    expect((await driver.output(missed)).map(({ value }) => value)).toEqual([
      { why: 'within', ids: ['6'], at: 12_000 + minutes(5) },
    ])
    expect((await driver.output(late)).map(({ value }) => value)).toEqual([
      { key: 'card', value: pay('5', 30, 7_999), timeMs: 7_999, lateByMs: 1 },
    ])
    expect(await driver.parked()).toEqual([])
    expect(driver.counts(smallThenLarge)).toMatchObject({ read: 6, late: 1, counted: 5 })
  })

  it('takes a pattern that is data', async () => {
    const data = {
      order: { kind: 'arrival' },
      steps: [{ name: 'large', where: { field: 'amount', is: '>', value: 100 }, times: 2 }],
      withinMs: minutes(5),
    }
    const fromData = processor('from-data')
      .from(payments)
      .keyBy()
      .detect(
        (p) => patternFromJson(data, p),
        (match) => ({ rule: 'from-data', ids: ids(match.all()) }),
      )
      .to(found)
    const driver = testDriver(fromData)
    for (const each of [pay('1', 500, 0), pay('2', 5, 1_000), pay('3', 600, 2_000)]) await driver.pipe(payments, each)
    expect((await driver.output(found)).map(({ value }) => value)).toEqual([{ rule: 'from-data', ids: ['1', '3'] }])
  })

  it('refuses an output of time-outs where nothing times out', () => {
    expect(() => processor('x').from(payments).timedOut(missed)).toThrow(/only partial matches time out/)
  })
})

describe('detectAll', () => {
  const rules = processor('rules')
    .from(payments)
    .keyBy()
    .detectAll((list) =>
      list
        .order('arrival')
        .rule(
          'two-large',
          (p) =>
            p
              .begin('large', (tx) => tx.amount > 1_000)
              .times(2)
              .within(minutes(5)),
          (match) => ({ rule: 'two-large', ids: ids(match.step('large')) }),
        )
        .rule(
          'rising',
          (p) =>
            p
              .begin('first', (tx) => tx.amount > 0)
              .next('more', (tx, soFar) => tx.amount > soFar.last('first')!.value.amount)
              .within(minutes(5)),
          (match) => ({ rule: 'rising', ids: ids(match.all()) }),
        ),
    )
    .to(found)
    .timedOut(missed, { where: ({ rule }) => rule === 'two-large', map: ended })

  it('puts out what each rule finds, in the order of time and of the list', async () => {
    const driver = testDriver(rules)
    for (const each of [pay('1', 2_000, 0), pay('2', 5, 1_000), pay('3', 3_000, 2_000)])
      await driver.pipe(payments, each)
    await driver.advanceClock(minutes(12))
    expect((await driver.output(found)).map(({ value }) => value)).toEqual([
      { rule: 'two-large', ids: ['1', '3'] },
      { rule: 'rising', ids: ['2', '3'] },
    ])
    expect((await driver.output(missed)).map(({ value }) => value)).toEqual([
      { why: 'within', ids: ['3'], at: 2_000 + minutes(5) },
    ])
  })

  it('knows steps, keys and names of rules', () => {
    processor('types')
      .from(payments)
      .keyBy()
      .detectAll((list) =>
        list.order('arrival').rule(
          'a',
          (p) => p.begin('large', (tx) => tx.amount > 1).within(minutes(1)),
          (match) => {
            // @ts-expect-error no such step
            match.step('small')
            const key: string = match.key
            return { rule: key, ids: [] as string[] }
          },
        ),
      )
      .to(found)
      .timedOut(missed, {
        // @ts-expect-error no rule of that name
        where: ({ rule }) => rule === 'b',
        map: () => ({ why: '', ids: [], at: 0 }),
      })
    expect(true).toBe(true)
  })
})
