import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Key, type Process, processor, topic } from '#millrace'
import { testDriver } from '#millrace/testing'

const PARTITIONS = 3
const schema = <S extends z.ZodType>(id: S) => z.object({ id, n: z.number() }).nullable()
const changes = topic('changes', {
  schema: z.object({ key: z.unknown(), n: z.number() }).nullable(),
  partitions: PARTITIONS,
})

/** The sum per key since it was deleted last. A delete is put out as one. */
const sums = <K extends Key>(): Process<{ n: number } | null, { key: K; n: number }, K> => ({
  version: 'v1',
  onRecord(c, { value, timeMs }) {
    if (value === null) {
      c.cells.delete(['sum'])
      c.emit(null, timeMs)
      return
    }
    const n = ((c.cells.get(['sum']) as number | undefined) ?? 0) + value.n
    c.cells.put(['sum'], n)
    c.emit({ key: c.key, n }, timeMs)
  },
})

const text = topic('text', { schema: schema(z.string()), key: (value) => value.id, partitions: PARTITIONS })
const numbers = topic('numbers', {
  schema: schema(z.number()),
  key: (value) => value.id,
  keyFormat: 'json',
  partitions: PARTITIONS,
})
const flags = topic('flags', {
  schema: schema(z.boolean()),
  key: (value) => value.id,
  keyFormat: 'json',
  partitions: PARTITIONS,
})
const pairs = topic('pairs', {
  schema: schema(z.tuple([z.string(), z.number()])),
  key: (value) => value.id,
  keyFormat: 'json',
  partitions: PARTITIONS,
})
const objects = topic('objects', {
  schema: schema(z.object({ b: z.string(), a: z.number() })),
  key: (value) => value.id,
  keyFormat: 'json',
  partitions: PARTITIONS,
})

describe('a delete', () => {
  it.each([
    { topic: text, id: 'a', bytes: 'a' },
    { topic: text, id: '5', bytes: '5' },
    { topic: text, id: '{"not":"parsed"}', bytes: '{"not":"parsed"}' },
    { topic: numbers, id: 5, bytes: '5' },
    { topic: numbers, id: -0.5, bytes: '-0.5' },
    { topic: flags, id: true, bytes: 'true' },
    { topic: pairs, id: ['a', 1], bytes: '["a",1]' },
    { topic: objects, id: { b: 'x', a: 1 }, bytes: '{"a":1,"b":"x"}' },
  ])('of the key $bytes of the topic $topic.name reaches the state of that very key', async ({ topic, id, bytes }) => {
    const p = processor('p')
      .from(topic as typeof text)
      .keyBy()
      .process(sums())
      .to(changes)
    const driver = testDriver(p)
    const value = { id, n: 2 } as unknown as { id: string; n: number }
    await driver.pipe(topic as typeof text, value)
    await driver.pipe(topic as typeof text, value)
    await driver.pipeBytes(topic as typeof text, bytes, null)
    await driver.pipe(topic as typeof text, value)
    const written = await driver.output(changes)
    expect(written.map(({ key, value }) => [key, value?.n])).toEqual([
      [bytes, 2],
      [bytes, 4],
      [bytes, undefined],
      [bytes, 2],
    ])
    expect(written[0]!.value!.key).toEqual(id)
    expect(await driver.parked()).toEqual([])
  })

  it.each(['', 'abc', '"5"', ' 5', '5.0', '[1, 2]', 'null', '[null]', '1e999', '{"__proto__":1}'])(
    'under the key %j, which is no key as JSON writes it, is parked',
    async (key) => {
      const driver = testDriver(processor('p').from(numbers).keyBy().process(sums()).to(changes))
      await driver.pipeBytes(numbers, key, null)
      expect((await driver.parked()).map(({ reason }) => reason)).toEqual([key === '' ? 'KEY_MISSING' : 'KEY_MISMATCH'])
      expect(await driver.output(changes)).toEqual([])
    },
  )

  it('passes a stage without state under its own key', async () => {
    const driver = testDriver(
      processor('p')
        .from(numbers)
        .filter(() => true)
        .to(topic('copy', { schema: schema(z.number()), partitions: PARTITIONS })),
    )
    await driver.pipeBytes(numbers, '5', null)
    const copy = topic('copy', { schema: schema(z.number()) })
    expect(await driver.output(copy)).toMatchObject([{ key: '5', value: null }])
  })

  it('has no value to take another key from: behind keyBy(fn) it is filtered, as is what a step makes null', async () => {
    const p = processor('p')
      .from(numbers)
      .map((value) => (value?.n === 0 ? null : value))
      .keyBy((value) => `n${value.n}`)
      .process(sums())
      .to(changes)
    const driver = testDriver(p)
    await driver.pipe(numbers, { id: 5, n: 1 })
    await driver.pipe(numbers, { id: 5, n: 0 })
    await driver.pipeBytes(numbers, '5', null)
    expect(await driver.output(changes)).toMatchObject([{ key: 'n1', value: { n: 1 } }])
    expect(driver.counts(p, 'rekey')).toMatchObject({ read: 3, counted: 1, filtered: 2 })
    expect(driver.counts(p)).toMatchObject({ read: 1, counted: 1 })
  })
})

it('a number as key behind keyBy(fn) is another key than its text', async () => {
  const p = processor('p')
    .from(text)
    .keyBy((value): Key => (value.n > 1 ? value.n : String(value.n + 1)))
    .process(sums())
    .to(changes)
  const driver = testDriver(p)
  await driver.pipe(text, { id: 'a', n: 1 })
  await driver.pipe(text, { id: 'a', n: 2 })
  expect((await driver.output(changes)).map(({ value }) => value)).toEqual([
    { key: '2', n: 1 },
    { key: 2, n: 2 },
  ])
})
