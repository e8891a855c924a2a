import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import {
  collect,
  count,
  countDistinct,
  type DistinctCount,
  everyRecords,
  first,
  global,
  hopping,
  maxBy,
  mean,
  minutes,
  type ProcessContext,
  processor,
  quantiles,
  rate,
  seconds,
  session,
  stddev,
  sum,
  table,
  topic,
  topK,
  tumbling,
  unlimited,
} from '#millrace'

const payments = topic('payments', {
  schema: z.object({
    id: z.string(),
    card: z.string(),
    amount: z.number(),
    note: z.string().optional(),
    at: z.number(),
  }),
  key: (payment) => payment.card,
  time: (payment) => payment.at,
})
type Payment = { id: string; card: string; amount: number; note?: string | undefined; at: number }
const totals = topic('totals', {
  schema: z.object({ key: z.string(), window: z.object({ start: z.number(), end: z.number() }), total: z.number() }),
})
const five = tumbling(minutes(5)).grace(seconds(30))

// Compiled by `npm run typecheck`: an expected error that does not occur fails there. Nothing here needs to run.
describe('types follow from the source', () => {
  it('callbacks see the schema’s output', () => {
    processor('a')
      .from(payments)
      .filter((payment) => {
        expectTypeOf(payment).toEqualTypeOf<Payment>()
        return true
      })
    const stream = processor('a').from(payments)
    // @ts-expect-error no such field
    stream.filter((payment) => payment.amout > 1)
    // @ts-expect-error no such field, in the key of a topic
    topic('t', { schema: z.object({ id: z.string() }), key: (value) => value.nope })
  })

  it('a delete’s key is read from its text: what is not a string must say that it is JSON', () => {
    const schema = z.object({ n: z.number() }).nullable()
    // @ts-expect-error the key of a delete could be the text "5" or the number
    const wrong = () => topic('t', { schema, key: (value) => value.n })
    expectTypeOf(wrong).toBeFunction()
    const right = topic('t', { schema, key: (value) => value.n, keyFormat: 'json' })
    expectTypeOf(right.key).returns.toEqualTypeOf<number>()
    topic('t', { schema: z.object({ n: z.number() }), key: (value) => value.n })
  })

  it('behind keyBy(fn) there are no deletes', () => {
    const nullable = topic('t', { schema: z.object({ id: z.string() }).nullable(), key: (value) => value.id })
    const stream = processor('a').from(nullable)
    stream.keyBy((value) => {
      expectTypeOf(value).toEqualTypeOf<{ id: string }>()
      return value.id
    })
    stream.keyBy().process<string>({
      version: 'v1',
      onRecord(_, { value }) {
        expectTypeOf(value).toEqualTypeOf<{ id: string } | null>()
      },
    })
  })

  it('a topic’s key is taken of what was read and of what is about to be written', () => {
    const schema = z.object({ id: z.string(), at: z.coerce.date(), n: z.string().transform(Number) })
    const days = topic('t', {
      schema,
      key: (value) => {
        expectTypeOf(value.n).toEqualTypeOf<string | number>()
        return value.id
      },
      // Time is only ever taken of what was read.
      time: (value) => value.at.getTime(),
    })
    processor('a')
      .from(totals)
      .map(() => ({ id: 'a', at: '2026-01-01', n: '5' }))
      .to(days)
    // @ts-expect-error what is about to be written has no Date yet
    const wrong = () => topic('t', { schema, key: (value) => value.at.getTime() })
    expectTypeOf(wrong).toBeFunction()
    const anything = topic('t', {
      schema: z.preprocess((value) => value, z.object({ id: z.string() })),
      key: (value) => value.id,
    })
    processor('a')
      .from(totals)
      .map(() => ({ id: 'a' }))
      .to(anything)
    const other = processor('a')
      .from(totals)
      .map(() => ({ di: 'a' }))
    // @ts-expect-error its key could not be taken of this
    other.to(anything)
  })

  it('behind keyBy(fn) values are what JSON leaves of them', () => {
    type Visit = { user: string; at: Date; note?: string | undefined; tags: Set<string> }
    const visits = topic('visits', { schema: z.custom<Visit>(), key: (visit) => visit.user })
    type Left = { user: string; at: string; note?: string; tags: never }
    processor('a')
      .from(visits)
      .keyBy((visit) => visit.at.getTime())
      .process<string>({
        version: 'v1',
        onRecord: (_, { value }) => expectTypeOf(value).toEqualTypeOf<Left>(),
      })
    // By the topic's own key they have not travelled.
    processor('a')
      .from(visits)
      .keyBy()
      .process<string>({
        version: 'v1',
        onRecord: (_, { value }) => expectTypeOf(value).toEqualTypeOf<Visit>(),
      })
  })

  it('behind cogroup each value is that of the source that its tag names', () => {
    type Visit = { user: string; at: Date } | null
    const visits = topic('visits', { schema: z.custom<Visit>(), key: (visit) => visit!.user })
    const met = processor('a').cogroup({
      visit: (source) => source.from(visits).keyBy(),
      payment: (source) =>
        source
          .from(payments)
          .map(({ card, amount }) => ({ card, amount }))
          .keyBy(({ card }) => card),
    })
    met.process<string>({
      version: 'v1',
      onRecord(c, { value: each }) {
        expectTypeOf(each).toEqualTypeOf<
          | { readonly source: 'visit'; readonly value: { user: string; at: string } }
          | { readonly source: 'payment'; readonly value: { card: string; amount: number } }
        >()
        expectTypeOf(c.key).toEqualTypeOf<string>()
        if (each.source === 'payment') expectTypeOf(each.value.amount).toEqualTypeOf<number>()
      },
    })
    met.aggregate({
      paid: sum((each) => (each.source === 'payment' ? each.value.amount : 0)),
      // @ts-expect-error only payments have an amount
      wrong: sum((each) => each.value.amount),
    })
    const apart = processor('a').cogroup({
      visit: (source) => source.from(visits).keyBy(),
      payment: (source) => source.from(payments).keyBy(({ amount }) => amount),
    })
    // @ts-expect-error a number is never the key that a text is
    const never = () => apart.aggregate({ count: count() })
    const unkeyed = () => processor('a').cogroup({ payment: (source) => source.from(payments) })
    // @ts-expect-error not keyed: where would they meet?
    const nowhere = () => unkeyed().aggregate({ count: count() })
    for (const wrong of [never, nowhere]) expectTypeOf(wrong).toBeFunction()
    const pairs = processor('a').cogroup({
      visit: (source) => source.from(visits).keyBy((visit) => [visit.user, 1]),
      payment: (source) => source.from(payments).keyBy(({ card, amount }) => [card, amount]),
    })
    pairs.process<string>({
      version: 'v1',
      onRecord: (c) => expectTypeOf(c.key).toExtend<readonly [string, number]>(),
    })
  })

  it('a match names values as they come back from state, conditions see the event at hand as it is', () => {
    const visits = topic('visits', { schema: z.object({ id: z.string(), at: z.date() }), key: (visit) => visit.id })
    processor('a')
      .from(visits)
      .keyBy()
      .detect(
        (p) =>
          p
            .order('arrival')
            .begin('one', (visit) => visit.at.getTime() > 0)
            .next('two', (visit, soFar) => {
              expectTypeOf(soFar.values('one')).toEqualTypeOf<readonly { id: string; at: string }[]>()
              return visit.at.getTime() > 0
            }),
        (match) => {
          expectTypeOf(match.step('two')[0]!.value).toEqualTypeOf<{ id: string; at: string }>()
          return match.key
        },
      )
  })

  it('steps change the type, type guards narrow it', () => {
    const noted = processor('a')
      .from(payments)
      .filter((payment): payment is Payment & { note: string } => payment.note !== undefined)
      .map(({ note }) => ({ note }))
    expectTypeOf(noted.map).parameter(0).parameter(0).toEqualTypeOf<{ note: string }>()
    const flat = noted.flatMap(({ note }) => note.split(' '))
    expectTypeOf(flat.map).parameter(0).parameter(0).toEqualTypeOf<string>()
  })

  it('every aggregate infers its record from the stream', () => {
    const results = processor('a')
      .from(payments)
      .keyBy()
      .aggregate({
        cents: sum((payment) => payment.amount, { exact: 'integer' }),
        money: sum((payment) => String(payment.amount), { exact: 'decimal' }),
        spread: stddev((payment) => payment.amount),
        largest: maxBy(
          (payment) => payment.amount,
          (payment) => payment.id,
        ),
        perSecond: rate({ of: (payment) => payment.amount }),
        cards: countDistinct((payment) => payment.card),
        top: topK(3, (payment) => payment.card),
        ranks: quantiles({ p50: 0.5, p99: 0.99 }, (payment) => payment.amount),
      })
    const row = table<number>('t')
    results.emit('updates', { every: seconds(1) }).to(row, {
      map: (result) => {
        expectTypeOf(result.cents).toEqualTypeOf<number>()
        expectTypeOf(result.money).toEqualTypeOf<string>()
        expectTypeOf(result.spread).toEqualTypeOf<number | null>()
        expectTypeOf(result.largest).toEqualTypeOf<string | null>()
        expectTypeOf(result.perSecond).toEqualTypeOf<number | null>()
        expectTypeOf(result.cards).toEqualTypeOf<DistinctCount>()
        expectTypeOf(result.top.items[0]!).toEqualTypeOf<{ readonly item: string; readonly count: number }>()
        expectTypeOf(result.ranks.p99).toEqualTypeOf<number | null>()
        expectTypeOf(result.ranks.accuracy).toEqualTypeOf<number>()
        return 1
      },
    })
  })

  it('aggregates infer their records and their results', () => {
    const wrong = () =>
      processor('a')
        .from(payments)
        .keyBy()
        .window(five)
        // @ts-expect-error no such field
        .aggregate({ total: sum((payment) => payment.total) })
    expectTypeOf(wrong).toBeFunction()
    const results = processor('a')
      .from(payments)
      .keyBy()
      .window(five)
      .aggregate({
        count: count(),
        mean: mean((payment) => payment.amount),
        firstId: first((payment) => payment.id),
        some: collect(3, (payment) => payment.at),
      })
    results.to(table<number>('t'), {
      map: (result) => {
        expectTypeOf(result.key).toEqualTypeOf<string>()
        expectTypeOf(result.window.end).toEqualTypeOf<number>()
        expectTypeOf(result.mean).toEqualTypeOf<number | null>()
        expectTypeOf(result.firstId).toEqualTypeOf<string | null>()
        expectTypeOf(result.some.values).toEqualTypeOf<readonly number[]>()
        return result.count
      },
    })
  })

  it('the key of keyBy(fn) reaches results, tuples as tuples', () => {
    const byBoth = processor('a')
      .from(payments)
      .keyBy((payment) => [payment.card, payment.amount > 10])
      .aggregate({ count: count() })
      .emit('updates', { every: seconds(1) })
    byBoth.to(table<{ key: readonly [string, boolean]; count: number }>('t'))
    // @ts-expect-error the rows of this table hold another key
    byBoth.to(table<{ key: string; count: number }>('t'))
  })

  it('an output must be able to hold the results', () => {
    const spend = processor('a').from(payments).keyBy().window(five)
    spend.aggregate({ total: sum((payment) => payment.amount) }).to(totals)
    // @ts-expect-error the topic wants a total
    spend.aggregate({ sum: sum((payment) => payment.amount) }).to(totals)
    // @ts-expect-error mapped to something else than the topic holds
    spend.aggregate({ sum: sum((payment) => payment.amount) }).to(totals, { map: () => ({ nothing: true }) })
  })

  it('updates only where there is a window to close or not', () => {
    const keyed = processor('a').from(payments).keyBy()
    const running = keyed.aggregate({ count: count() })
    // @ts-expect-error without a window nothing is ever final
    const wrong = () => running.emit('final')
    // @ts-expect-error a window needs a grace
    const noGrace = () => keyed.window(tumbling(minutes(1)))
    expectTypeOf(wrong).toBeFunction()
    expectTypeOf(noGrace).toBeFunction()
  })

  it('every window has its emissions, and results that say whether they are final where both kinds go out', () => {
    const keyed = processor('a').from(payments).keyBy()
    const early = keyed
      .window(five)
      .aggregate({ count: count() })
      .emit('final', { early: seconds(1) })
    early.to(table<number>('t'), {
      map: (result) => {
        expectTypeOf(result.final).toEqualTypeOf<boolean>()
        return result.count
      },
    })
    const hops = keyed
      .window(hopping(minutes(10), { advance: minutes(1) }).grace(seconds(1)))
      .aggregate({ count: count() })
    hops.emit('final')
    hops.emit('updates', { every: seconds(1) })
    // @ts-expect-error final results come once: nothing to be spaced
    const spaced = () => hops.emit('final', { every: seconds(1) })
    const endless = keyed.window(unlimited({ from: 0 })).aggregate({ count: count() })
    // @ts-expect-error a window that never closes has no final result
    const final = () => endless.emit('final')
    const counted = keyed.window(everyRecords(9)).aggregate({ count: count() })
    // @ts-expect-error a window of records puts out when it is full
    const updates = () => counted.emit('updates')
    const all = keyed.window(global({ afterRecords: 9 })).aggregate({ count: count() })
    // @ts-expect-error the window says when
    const triggered = () => all.emit('updates')
    // @ts-expect-error one window
    const two = () => keyed.window(five).window(five)
    // @ts-expect-error sessions need a grace as well
    const noGrace = () => keyed.window(session({ gap: minutes(1) }))
    for (const wrong of [spaced, final, updates, triggered, two, noGrace]) expectTypeOf(wrong).toBeFunction()
    all.to(table<{ count: number; window: { start: number } }>('t'))
  })

  it('step names reach the match', () => {
    processor('a')
      .from(payments)
      .keyBy()
      .detect(
        (p) =>
          p
            .order('arrival')
            .begin('small', (payment) => payment.amount < 1)
            .followedBy('large', (payment) => payment.amount > 9)
            .within(minutes(5)),
        (match) => {
          expectTypeOf(match.key).toExtend<string>()
          expectTypeOf(match.step('large')[0]!.value.amount).toEqualTypeOf<number>()
          // @ts-expect-error no such step
          match.step('larg')
          return match.all().length
        },
      )
  })

  it('a machine of one’s own knows its key and its results', () => {
    processor('a')
      .from(payments)
      .keyBy()
      .process<{ n: number }>({
        version: 'v1',
        onRecord(c, { value }) {
          expectTypeOf(c).toExtend<ProcessContext<{ n: number }, string>>()
          c.emit({ n: value.amount }, value.at)
          // @ts-expect-error not a result of this machine
          c.emit({ m: 1 }, value.at)
        },
      })
  })
})
