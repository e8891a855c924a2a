import { describe, expect, it } from 'vitest'
import { isMillraceError } from '../../../shared/errors.ts'
import { failed, scene, send, waiting } from './scene.ts'

const provisioned = { pollersMax: 1, reportFailures: true }
const codes = (errors: readonly unknown[]) => errors.map((error) => (isMillraceError(error) ? error.code : 'theirs'))

/** Answers in turn; the last one again and again. */
const inTurn = (...answers: (() => unknown)[]) => {
  let n = 0
  return () => answers[Math.min(n++, answers.length - 1)]!()
}
const crash = (): never => {
  throw new Error('broken')
}
const succeed = (): undefined => undefined

describe('records that the function names as failed', () => {
  it('are given again alone, with the same offsets and keys; all is committed once they succeed', async () => {
    const set = await scene(
      provisioned,
      inTurn(() => failed('0:1', '1:2'), succeed),
      { partitions: 2 },
    )
    for (let n = 0; n < 3; n++) {
      set.emulator.send({ partition: 0, key: `a${n}` })
      set.emulator.send({ partition: 1, key: `b${n}` })
    }
    await set.emulator.drain()
    expect(set.given()).toEqual(['0:0 0:1 0:2 1:0 1:1 1:2', '0:1 1:2'])
    const key = (n: number) => Buffer.from(`a${n}`).toString('base64')
    expect(set.emulator.events[1]!.records['orders-0']).toMatchObject([{ offset: 1, key: key(1) }])
    expect(await set.emulator.committed()).toEqual([3, 3])
    expect(codes(set.emulator.errors)).toEqual(['RECORDS_FAILED'])
    expect(set.emulator.counts()).toMatchObject({ polled: 6, invoked: 8, failedInvoke: 2, committed: 6 })
  })

  it.each([
    ['at-once', [1, 3]],
    ['at-end', [undefined, undefined]],
  ] as const)(
    'hold the commit back at the first of them, or the whole batch (%s)',
    async (partialCommits, expected) => {
      const set = await scene({ ...provisioned, partialCommits }, () => failed('0:1'), { partitions: 2 })
      send(set, 0, 3)
      send(set, 1, 3)
      await set.emulator.advance(550)
      expect(await set.emulator.committed()).toEqual(expected)
    },
  )

  it('hold their partition back; the others of the batch go on', async () => {
    const set = await scene(provisioned, (names) => failed(...names.filter((name) => name === '0:1')), {
      partitions: 2,
    })
    send(set, 0, 2)
    send(set, 1, 2)
    await set.emulator.advance(550)
    send(set, 0, 1)
    send(set, 1, 1)
    await set.emulator.advance(2_000)
    expect(set.given()).toContain('1:2')
    expect(set.given().some((names) => names.includes('0:2'))).toBe(false)
  })

  it('come after later ones of their partition: whoever needs order names all that follow', async () => {
    const done: string[] = []
    const set = await scene(provisioned, (names) => {
      const bad = done.length === 0 ? ['0:0'] : []
      done.push(...names.filter((name) => !bad.includes(name)))
      return failed(...bad)
    })
    send(set, 0, 3)
    await set.emulator.drain()
    expect(done).toEqual(['0:1', '0:2', '0:0'])
  })

  it('mean nothing unless the mapping is told to look', async () => {
    const set = await scene({ pollersMax: 1 }, () => failed('0:0'))
    send(set, 0, 2)
    await set.emulator.drain()
    expect(set.given()).toEqual(['0:0 0:1'])
  })
})

describe('the whole batch is given again', () => {
  it.each([
    ['an answer that names a record it does not have', () => failed('0:7')],
    ['an answer with a text for a name', () => ({ batchItemFailures: [{ itemIdentifier: 'orders-0-0' }] })],
    ['an error', crash],
    ['an answer that is no JSON', () => ({ ...failed('0:0'), done: 1n })],
  ])('after %s', async (_, first) => {
    const set = await scene(provisioned, inTurn(first, succeed))
    send(set, 0, 2)
    await set.emulator.drain()
    expect(set.given()).toEqual(['0:0 0:1', '0:0 0:1'])
    expect(await set.emulator.committed()).toEqual([2])
  })

  it('after a time-out, to a new environment', async () => {
    const never = (): Promise<never> => new Promise(() => undefined)
    const set = await scene(provisioned, inTurn(never, succeed), { timeoutMs: 3_000 })
    send(set, 0, 2)
    await set.emulator.advance(3_499)
    expect(set.emulator.errors).toEqual([])
    await set.emulator.advance(2_000)
    expect(codes(set.emulator.errors)).toEqual(['FUNCTION_TIMED_OUT'])
    expect(set.given()).toEqual(['0:0 0:1', '0:0 0:1'])
  })

  it('as it was, whatever the function did to the event', async () => {
    const set = await scene(provisioned, (names, event) => {
      const [record] = event.records['orders-0']!
      Object.assign(record!, { offset: 99, value: 'changed' })
      if (names[0] === '0:0' && set.emulator.errors.length === 0) throw new Error('broken')
    })
    send(set, 0, 1)
    await set.emulator.drain()
    expect(set.emulator.events[1]).toEqual(set.emulator.events[0])
  })

  it('for ever on demand', async () => {
    const set = await scene({}, crash, { onFailure: 'sqs' })
    send(set, 0, 1)
    await set.emulator.advance(300_000)
    expect(set.given().length).toBeGreaterThan(30)
    expect(set.emulator.failures).toEqual([])
    expect(await set.emulator.committed()).toEqual([undefined])
  })
})

it('a batch that ends in an error is split until the bad record is alone; the rest is committed', async () => {
  const settings = { pollersMax: 1, bisect: true, retriesMax: 1 }
  const set = await scene(settings, (names) => names.includes('0:2') && crash())
  send(set, 0, 4)
  await set.emulator.drain()
  expect(set.given()).toEqual(['0:0 0:1 0:2 0:3', '0:0 0:1', '0:2 0:3', '0:2', '0:2', '0:3'])
  expect(await set.emulator.committed()).toEqual([4])
  expect(set.emulator.counts()).toMatchObject({ dropped: 1 })
})

describe('a throttled batch', () => {
  it('comes again later, however often, and uses up no attempt', async () => {
    let refusals = 20
    const set = await scene({ pollersMax: 1, retriesMax: 0, retryFirstMs: 100, retryMaxMs: 400 }, undefined, {
      faults: { throttle: () => refusals-- > 0 },
    })
    send(set, 0, 1)
    const startMs = set.emulator.nowMs()
    await set.emulator.drain()
    expect(set.given()).toEqual(['0:0'])
    expect(set.emulator.nowMs() - startMs).toBe(500 + 100 + 200 + 18 * 400)
    expect(new Set(codes(set.emulator.errors))).toEqual(new Set(['FUNCTION_THROTTLED']))
    expect(set.emulator.counts()).toMatchObject({ invoked: 1, dropped: 0 })
  })

  it('is one too many for the executions that are reserved', async () => {
    const function_ = waiting()
    const settings = { pollersMax: 4, reservedConcurrency: 2, mixing: 'one', retryMaxMs: 100 } as const
    const set = await scene(settings, function_.handler, { partitions: 4, timeoutMs: 60_000 })
    for (let partition = 0; partition < 4; partition++) send(set, partition, 1)
    await set.emulator.advance(5_000)
    expect(function_.count()).toBe(2)
    expect(set.emulator.counts().invoked).toBe(2)
    function_.answer()
    function_.answer()
    await set.emulator.advance(1_000)
    expect(function_.count()).toBe(2)
    function_.answer()
    function_.answer()
    await set.emulator.drain()
    expect(set.given().toSorted()).toEqual(['0:0', '1:0', '2:0', '3:0'])
  })
})
