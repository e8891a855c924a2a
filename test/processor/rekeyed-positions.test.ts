import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { above, count, hours, type Processor, previous, processor, profile, recent, seconds, topic } from '#millrace'
import { testDriver } from '#millrace/testing'

interface Payment {
  readonly id: string
  readonly card: string
  readonly devices: readonly string[]
  readonly at: number
}

const schema = z.custom<Payment>()
const shape = { schema, key: (payment: Payment) => payment.card, time: (payment: Payment) => payment.at, partitions: 4 }
const payments = topic('payments', shape)
const positions = z.custom<{ id?: string; events: readonly { topic: string; partition: number; offset: number }[] }>()
const found = topic('found', { schema: positions, partitions: 1 })

const pay = (id: string, card: string, at: number, ...devices: string[]): Payment => ({ id, card, devices, at })

/** One in each partition of a topic, so that there is a stream time behind them. */
async function begin(driver: ReturnType<typeof testDriver>, of: typeof payments) {
  for (let partition = 0; partition < of.partitions; partition++)
    await driver.pipe(of, pay('0', 'z', 0, `first of ${of.name}/${partition}`), { partition })
}

/** What alerts and matches name, as text; the index of a value is behind a dot. */
async function named(processors: Processor | readonly Processor[], given: readonly (readonly [Payment, number])[]) {
  const driver = testDriver(processors)
  await begin(driver, payments)
  for (const [payment, partition] of given) await driver.pipe(payments, payment, { partition })
  await driver.closeWindows()
  expect(await driver.parked()).toEqual([])
  return (await driver.output(found)).map(({ value }) => ({
    ...(value!.id !== undefined && { id: value!.id }),
    events: value!.events.map((each) => {
      const { topic, partition, offset, index } = each as typeof each & { index?: number }
      return `${topic}/${partition}/${offset}${index === undefined ? '' : `.${index}`}`
    }),
  }))
}

/** Two cards on one device, whose records stand in two partitions of the source, among others. */
const across = [
  [pay('1', 'a', 1_000, 'd'), 1],
  [pay('2', 'x', 1_001, 'other'), 3],
  [pay('3', 'a', 1_002, 'd'), 1],
  [pay('4', 'b', 1_003, 'd'), 3],
] as const
const places = ['payments/1/1', 'payments/1/2', 'payments/3/2']

const device = profile<Payment>()({
  lately: recent({ upTo: hours(1) }, { payments: count() }),
  last: previous((payment) => payment.card),
})
const options = { parameters: z.object({}), initial: {} }
const third = device.rule('third', {
  ...options,
  when: ({ seen }) => above('payments', seen.lately(hours(1)).payments, 2),
})
const other = device.rule('other', {
  ...options,
  when: ({ seen, event }) => seen.last !== undefined && seen.last.value !== event.card && above('cards', 2, 1),
})
const pair = device.sequence('pair', {
  ...options,
  pattern: (start) =>
    start
      .begin('first', (p) => p.id === '1')
      .followedBy('second', (p) => p.id === '4')
      .within(hours(1)),
  explain: () => above('payments', 2, 1),
})

describe('events that are named behind keyBy(fn) are those of the topic that the processor reads', () => {
  it.each(['arrival', { grace: seconds(1) }] as const)('by alerts of rules in the order %j', async (order) => {
    const rules = processor('devices')
      .from(payments)
      .keyBy((payment) => payment.devices[0]!)
      .rules(device.set([third, other, pair], order))
      .to(found)
    const alerts = await named(rules, across)
    expect(alerts.toSorted((a, b) => (a.id! < b.id! ? -1 : 1))).toEqual([
      { id: 'other/payments/3/2/d', events: places.slice(1) },
      { id: 'pair/payments/3/2/d', events: [places[0], places[2]] },
      { id: 'third/payments/3/2/d', events: places },
    ])
  })

  it.each([
    ['arrival', undefined],
    ['event-time', { grace: seconds(1) }],
  ] as const)('by matches of a pattern in the order %s', async (order, grace) => {
    const matches = processor('devices')
      .from(payments)
      .keyBy((payment) => payment.devices[0]!)
      .detect(
        (p) =>
          (order === 'arrival' ? p.order('arrival') : p.order('event-time', grace!))
            .begin('a', (payment) => payment.card === 'a')
            .times(2)
            .followedBy('b', (payment) => payment.card === 'b')
            .within(hours(1)),
        (match) => ({ events: match.all() }),
      )
      .to(found)
    expect(await named(matches, across)).toEqual([{ events: places }])
  })

  it('with their number where a record became several of them', async () => {
    const matches = processor('devices')
      .from(payments)
      .flatMap((payment) => payment.devices.map((each) => ({ ...payment, devices: [each] })))
      .keyBy((payment) => payment.devices[0]!)
      .rules(device.set([third], 'arrival'))
      .to(found)
    const payment = pay('1', 'a', 1, 'd', 'e', 'd', 'd', 'd')
    expect(await named(matches, [[payment, 2]])).toEqual([
      { id: 'third/payments/2/1.3/d', events: ['payments/2/1', 'payments/2/1.2', 'payments/2/1.3'] },
      {
        id: 'third/payments/2/1.4/d',
        events: ['payments/2/1', 'payments/2/1.2', 'payments/2/1.3', 'payments/2/1.4'],
      },
    ])
  })

  it('also when that topic is written by a processor: then it is not the first source', async () => {
    const large = topic('large', shape)
    const first = processor('first')
      .from(payments)
      .filter((payment) => payment.id !== '2')
      .to(large)
    const second = processor('second')
      .from(large)
      .keyBy((payment) => payment.devices[0]!)
      .rules(device.set([third], 'arrival'))
      .to(found)
    const driver = testDriver([first, second])
    for (const [payment, partition] of across) await driver.pipe(payments, payment, { partition })
    await driver.closeWindows()
    const [alert] = await driver.output(found)
    const written = await driver.output(large)
    expect(alert!.value!.events).toHaveLength(3)
    for (const { topic, partition, offset } of alert!.value!.events) {
      expect(topic).toBe('large')
      const record = written.find((each) => each.partition === partition && each.offset === offset)
      expect(record!.value!.devices).toEqual(['d'])
    }
  })

  it('of several sources, each of its own', async () => {
    const refunds = topic('refunds', { ...shape, partitions: 3 })
    const both = processor('devices')
      .cogroup({
        payment: (source) => source.from(payments).keyBy((payment) => payment.devices[0]!),
        refund: (source) => source.from(refunds).keyBy((refund) => refund.devices[0]!),
      })
      .detect(
        (p) =>
          p
            .order('arrival')
            .begin('paid', (each) => each.source === 'payment')
            .followedBy('back', (each) => each.source === 'refund')
            .within(hours(1)),
        (match) => ({ events: match.all() }),
      )
      .to(found)
    const driver = testDriver(both)
    for (const each of [payments, refunds]) await begin(driver, each)
    await driver.pipe(refunds, pay('0', 'a', 0, 'other'), { partition: 2 })
    await driver.pipe(payments, pay('1', 'a', 1, 'd'), { partition: 3 })
    await driver.pipe(refunds, pay('2', 'a', 2, 'd'), { partition: 2 })
    await driver.closeWindows()
    expect((await driver.output(found))[0]!.value!.events).toMatchObject([
      { step: 'paid', topic: 'payments', partition: 3, offset: 1 },
      { step: 'back', topic: 'refunds', partition: 2, offset: 2 },
    ])
  })

  it('also when they were parked at first, and redriven', async () => {
    const code = { fails: true }
    const rules = processor('devices')
      .from(payments)
      .keyBy((payment) => {
        if (code.fails && payment.id === '4') throw new TypeError('bug')
        return payment.devices[0]!
      })
      .rules(device.set([third], 'arrival'))
      .to(found)
    const driver = testDriver(rules)
    await begin(driver, payments)
    for (const [payment, partition] of across) await driver.pipe(payments, payment, { partition })
    code.fails = false
    expect(await driver.redrive()).toMatchObject([{ outcome: 'applied' }])
    const [alert] = await driver.output(found)
    expect(
      alert!.value!.events.map(({ topic, partition, offset }) => `${topic}/${partition}/${offset}`).sort(),
    ).toEqual(places)
  })
})
