import { describe, expect, it } from 'vitest'
import { type Delay, delaysAt } from './delay-of-log-counts.ts'
import { BATCH_WINDOW_MS, declared, LogCounts, SOURCE_PARTITIONS, TICK_MS } from './log-counts.ts'

// A record is through both stages after two batch windows; what its partition tells the others waits a second more.
const TRANSIT_MS = 2 * BATCH_WINDOW_MS
const PROGRESS_MS = 1_000
/**
 * From the end of a window to its result, at the most: a tick may come just before a partition falls silent, and finds it
 * so when it comes again; then idleAfter; and then the tick that finds end plus grace behind it may have just been.
 */
const FROM_END_MAX = declared.graceMs + declared.idleAfterMs + 2 * TICK_MS + TRANSIT_MS
const longest = (delays: readonly Delay[]): number => Math.max(...delays.map(({ fromEndMs }) => fromEndMs))

describe('the results of log-counts, two stages over 12 source partitions', () => {
  it.each([
    { rate: 0.02, minutes: 120, seeds: [1, 2, 3, 4, 5] },
    { rate: 1, minutes: 15, seeds: [1, 2] },
  ])(
    'at $rate records a second, and after the last: end of window, grace, idleAfter and two ticks, never more; never before end plus grace',
    async ({ rate, minutes, seeds }) => {
      for (const seed of seeds) {
        const { running, silent, late } = await delaysAt(rate, minutes * 60_000, seed)
        expect(running.length).toBeGreaterThan(minutes / 3)
        expect(silent.length).toBeGreaterThan(0)
        for (const { fromEndMs } of [...running, ...silent]) {
          expect(fromEndMs).toBeGreaterThanOrEqual(declared.graceMs)
          expect(fromEndMs).toBeLessThanOrEqual(FROM_END_MAX)
        }
        expect(late).toBe(0)
      }
    },
    60_000,
  )

  it('at 1,000 a second, where every partition talks all the time: end of window, grace, transit, and no tick', async () => {
    const { running, silent, late } = await delaysAt(1_000, 80_000, 1)
    expect(running).toHaveLength(1)
    expect(longest(running)).toBeLessThanOrEqual(declared.graceMs + TRANSIT_MS + PROGRESS_MS)
    expect(longest(silent)).toBeLessThanOrEqual(FROM_END_MAX)
    expect(late).toBe(0)
  }, 60_000)
})

describe('of source partitions that go at different speeds', () => {
  const countOf = (run: LogCounts, service: string) =>
    run.closed.filter((each) => each.service === service).reduce((sum, { count }) => sum + count, 0)

  it('one that is an hour ahead makes nothing of the others late', async () => {
    const run = await LogCounts.start()
    for (let i = 0; i < 600; i++) {
      run.log(0, 'ahead', run.nowMs + 3_600_000)
      // Each of the others within idleAfter.
      run.log(1 + (i % (SOURCE_PARTITIONS - 1)), 'behind')
      await run.second()
    }
    await run.seconds(3_900)
    expect(run.late).toBe(0)
    expect(countOf(run, 'behind')).toBe(600)
    expect(countOf(run, 'ahead')).toBe(600)
  }, 60_000)

  it('one that the first stage does not get to for ten minutes is waited for', async () => {
    const run = await LogCounts.start()
    for (let i = 0; i < 900; i++) {
      if (i === 60) run.stuck.add(3)
      if (i === 660) run.stuck.clear()
      run.log(i % SOURCE_PARTITIONS, 'api')
      await run.second()
    }
    const whileStuck = run.closed.filter(({ putMs }) => putMs > 120_000 && putMs < 660_000)
    expect(whileStuck).toEqual([])
    await run.seconds(400)
    expect(run.late).toBe(0)
    expect(countOf(run, 'api')).toBe(900)
  }, 60_000)

  it('one that logs once in twenty minutes does not hold the windows of the others', async () => {
    const run = await LogCounts.start(30_000)
    for (let i = 0; i < 3_600; i++) {
      if (i % 1_200 === 0) run.log(0, 'rare')
      run.log(1 + (i % (SOURCE_PARTITIONS - 1)), 'api')
      await run.second()
    }
    const delays = run.closed.map(({ endMs, putMs }) => putMs - endMs)
    expect(delays.length).toBeGreaterThan(57)
    expect(Math.max(...delays)).toBeLessThanOrEqual(FROM_END_MAX)
    expect(run.late).toBe(0)
  }, 60_000)
})
