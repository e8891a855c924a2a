import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  count,
  type DurationMs,
  everyRecords,
  global,
  hopping,
  minutes,
  processor,
  seconds,
  session,
  sliding,
  topic,
  tumbling,
} from '#millrace'

const source = topic('source', { schema: z.object({ id: z.string() }), key: ({ id }) => id })
const keyed = () => processor('p').from(source).keyBy()

/** Every duration that a window is given, by the name that errors call it. */
const durations: Record<string, (duration: DurationMs) => unknown> = {
  'tumbling(size): size': (duration) => tumbling(duration),
  'hopping(size, { advance }): size': (duration) => hopping(duration, { advance: minutes(1) }),
  'hopping(size, { advance }): advance': (advance) => hopping(minutes(10), { advance }),
  'sliding(difference): difference': (duration) => sliding(duration),
  'session({ gap }): gap': (gap) => session({ gap }),
  'everyRecords(records): within': (within) => everyRecords(2, { within }),
  'global({ afterRecords, every }): every': (every) => global({ every }),
}
const graces: Record<string, (duration: DurationMs) => unknown> = {
  'tumbling(60000): grace': (duration) => tumbling(minutes(1)).grace(duration),
  'hopping(60000, { advance: 60000 }): grace': (duration) =>
    hopping(minutes(1), { advance: minutes(1) }).grace(duration),
  'sliding(60000): grace': (duration) => sliding(minutes(1)).grace(duration),
  'session({ gap: 60000 }): grace': (duration) => session({ gap: minutes(1) }).grace(duration),
}
const bad: unknown[] = [-1, Number.NaN, Number.POSITIVE_INFINITY, 0.5, '5', null]
const cases = [
  ...Object.entries(durations).flatMap(([what, declare]) => [0, ...bad].map((given) => ({ what, declare, given }))),
  ...Object.entries(graces).flatMap(([what, declare]) => bad.map((given) => ({ what, declare, given }))),
]

describe('a bad window is an error where it is declared, which says what is wrong and what to write', () => {
  it.each(cases)('$what is $given', ({ what, declare, given }) => {
    let message = ''
    try {
      declare(given as DurationMs)
    } catch (error) {
      expect(error).toMatchObject({ code: 'DURATION_INVALID', retriable: false })
      message = (error as Error).message
    }
    expect(message).toContain(`${what} is `)
    expect(message).toMatch(/whole number of milliseconds.*Write it as seconds\(30\)/)
  })

  it('a grace of nothing is a choice', () => {
    for (const declare of Object.values(graces)) expect(() => declare(seconds(0))).not.toThrow()
  })

  it('two windows on one processor: the second is refused by the compiler, and by the call', () => {
    const one = keyed().window(tumbling(minutes(1)).grace(seconds(0)))
    const another = session({ gap: minutes(1) }).grace(seconds(0))
    expect(() => {
      // @ts-expect-error a processor has one window
      one.window(another)
    }).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringMatching(/declare another processor/) }),
    )
    // @ts-expect-error results of windows are not windowed again: read their topic in another processor
    expect(() => one.aggregate({ n: count() }).window(another)).toThrow(TypeError)
  })
})
