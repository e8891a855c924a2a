import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { calendar, count, days, hopping, minutes, ms, processor, session, sliding, topic, tumbling } from '#millrace'
import { testDriver } from '#millrace/testing'
import type { EmitMode, Window } from '../../../shared/engine/windows/window.ts'
import { FINAL, played, run } from './told.ts'

const closing: [name: string, window: Window<EmitMode>][] = [
  ['tumbling', tumbling(ms(10)).grace(ms(5))],
  ['hopping', hopping(ms(10), { advance: ms(5) }).grace(ms(5))],
  ['sliding', sliding(ms(10)).grace(ms(5))],
  ['session', session({ gap: ms(10) }).grace(ms(5))],
  ['calendar', calendar('day', { timeZone: 'UTC' }).grace(ms(5))],
]

describe('stream time', () => {
  it.each(closing)('%s: is that of all keys of the partition, and stays over a restart', (_, window) => {
    // Played with a cold start after each record. What one key has moved makes the other late.
    expect(played(window, FINAL, `a5 b${days(3)} a6`).counts).toMatchObject({ counted: 2, late: 1 })
    expect(played(window, FINAL, `a5 b${days(3)} b6 a6`).counts).toMatchObject({ counted: 2, late: 2 })
  })

  it.each(closing)('%s: a jump over everything that is open puts all of it out, before what jumps', (_, window) => {
    const alone = (records: string) => run(window, FINAL, records)
    const before = ['a5', 'b25', `a${days(1) + 40}`, `b${days(1) + 70}`]
    const jumped = run(window, FINAL, `${before.join(' ')} c${days(1_000)}`, false)
    expect(jumped).toEqual(alone(before.join(' ')))
    expect(jumped.length).toBeGreaterThan(3)
  })

  it('windows that close with one record go out by start, then key; sessions by end, then key', () => {
    const [[, tumbles], , , [, sessions]] = closing as [(typeof closing)[0], unknown, unknown, (typeof closing)[0]]
    expect(run(tumbles, FINAL, 'b12 b5 a13 a6 c1000', false)).toEqual([
      'a 0..10 4',
      'b 0..10 2',
      'a 10..20 3',
      'b 10..20 1',
    ])
    // b ends before a, though it began after it.
    expect(run(sessions, FINAL, 'a1 b5 a9 c1000', false)).toEqual(['b 5..5 2', 'a 1..9 1,3'])
  })

  it('a partition’s is its own: another one’s records close nothing there', async () => {
    const events = topic('events', {
      schema: z.object({ at: z.number() }),
      time: ({ at }) => at,
      key: () => 'k',
      partitions: 2,
    })
    const results = topic('results', { schema: z.unknown(), partitions: 1 })
    const perMinute = processor('p')
      .from(events)
      .keyBy()
      .window(tumbling(minutes(1)).grace(ms(0)))
    const driver = testDriver(perMinute.aggregate({ count: count() }).to(results))
    await driver.pipe(events, { at: 0 }, { partition: 0 })
    await driver.pipe(events, { at: minutes(10) }, { partition: 1 })
    expect(await driver.output(results)).toEqual([])
    await driver.pipe(events, { at: minutes(1) }, { partition: 0 })
    expect(await driver.output(results)).toMatchObject([{ value: { count: 1 } }])
  })
})

describe('values that are null', () => {
  it.each(closing)('%s: are handed to the aggregate like any other, where the schema takes them', async (_, window) => {
    const changes = topic('changes', {
      schema: z.object({ id: z.string() }).nullable(),
      key: ({ id }) => id,
      partitions: 1,
    })
    const results = topic('results', { schema: z.unknown(), partitions: 1 })
    const declared = processor('p').from(changes).keyBy().window(window).aggregate({ count: count() })
    const driver = testDriver(declared.to(results))
    await driver.pipe(changes, { id: 'k' }, { timestamp: 5 })
    await driver.pipe(changes, null, { key: 'k', timestamp: 5 })
    await driver.closeWindows()
    const [first] = await driver.output(results)
    expect(first).toMatchObject({ value: { key: 'k', count: 2 } })
  })
})
