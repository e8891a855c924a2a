import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomFaults } from '../../../local/emulator/faults.ts'
import { kafkaEmulator } from '../../../local/emulator/kafka-emulator.ts'
import type { KafkaEvent } from '../../../shared/runtime/kafka-event.ts'
import { failed, offsetsIn, scene, send, waiting } from './scene.ts'

describe('records come more than once', () => {
  it('when the function succeeded and that was lost before the commit; batches may be cut in another way then', async () => {
    let losses = 1
    const set = await scene({ batchRecordsMax: 3 }, undefined, { faults: { loseCommit: () => losses-- > 0 } })
    send(set, 0, 2)
    await set.emulator.advance(520)
    expect(await set.emulator.committed()).toEqual([undefined])
    send(set, 0, 1)
    await set.emulator.drain()
    expect(set.given()).toEqual(['0:0 0:1', '0:0 0:1 0:2'])
    expect(await set.emulator.committed()).toEqual([3])
  })

  it('when a batch that fails is halved and the commit of its second half is lost: its first half was not committed either', async () => {
    let attempts = 0
    let losses = 1
    const handler = () => {
      if (++attempts === 1) throw new Error('broken')
    }
    const faults = { loseCommit: () => attempts === 3 && losses-- > 0 }
    const halves = { pollersMax: 1, bisect: true, partialCommits: 'at-end' } as const
    const set = await scene(halves, handler, { partitions: 2, faults })
    send(set, 0, 1)
    send(set, 1, 1)
    await set.emulator.drain()
    expect(set.given()).toEqual(['0:0 1:0', '0:0', '1:0', '0:0 1:0'])
    expect(await set.emulator.committed()).toEqual([1, 1])
  })

  it('when their partition changes its poller in mid-batch: two invocations have them at a time', async () => {
    let running = 0
    let most = 0
    let rebalances = 1
    const handler = async () => {
      most = Math.max(most, ++running)
      for (let n = 0; n < 500; n++) await new Promise((resolve) => setImmediate(resolve))
      running--
    }
    const faults = { rebalance: () => rebalances-- > 0 }
    const set = await scene({ pollersMax: 2, batchWindowMs: 0 }, handler, { partitions: 2, faults })
    send(set, 0, 1)
    await set.emulator.advance(100)
    await set.emulator.drain()
    expect(set.given()).toEqual(['0:0', '0:0'])
    expect(most).toBe(2)
    expect(await set.emulator.committed()).toEqual([1, undefined])
  })

  it('when their partition is lost: what the old poller still brings to its end is not committed', async () => {
    const function_ = waiting()
    const settings = { pollersMax: 2, batchWindowMs: 0 }
    const set = await scene(settings, function_.handler, { partitions: 2, timeoutMs: 60_000 })
    send(set, 0, 1)
    send(set, 1, 1)
    await set.emulator.advance(100)
    expect(function_.count()).toBe(2)
    set.emulator.rebalance([0])
    await set.emulator.advance(100)
    expect(set.given()).toEqual(['0:0', '1:0', '0:0'])
    function_.answer()
    function_.answer()
    await set.emulator.advance(100)
    expect(await set.emulator.committed()).toEqual([undefined, 1])
    function_.answer()
    await set.emulator.advance(100)
    expect(await set.emulator.committed()).toEqual([1, 1])
  })

  it('when their partition is lost before the batch is committed as a whole: also those that succeeded', async () => {
    const settings = { pollersMax: 1, reportFailures: true, partialCommits: 'at-end' } as const
    const set = await scene(settings, (names) => failed(...names.filter((name) => name === '0:2')))
    send(set, 0, 3)
    await set.emulator.advance(550)
    set.emulator.rebalance()
    await set.emulator.advance(1_000)
    expect(set.given()).toEqual(['0:0 0:1 0:2', '0:0 0:1 0:2', '0:2', '0:2'])
  })

  it('when a mapping made anew goes on from the commit', async () => {
    const set = await scene({ pollersMax: 1, reportFailures: true }, () => failed('0:1'))
    send(set, 0, 3)
    await set.emulator.advance(520)
    await set.emulator.restart()
    await set.emulator.advance(520)
    expect(set.given()).toEqual(['0:0 0:1 0:2', '0:1 0:2'])
  })
})

const settings = fc.record({
  pollersMax: fc.constantFrom(0, 1, 3),
  batchRecordsMax: fc.constantFrom(1, 4, 100),
  mixing: fc.constantFrom('mix' as const, 'one' as const),
  partialCommits: fc.constantFrom('at-once' as const, 'at-end' as const),
  filteredCount: fc.constantFrom('free' as const, 'counts' as const),
  filteredCommit: fc.constantFrom('at-once' as const, 'with-next' as const),
  bisect: fc.boolean(),
  reportFailures: fc.boolean(),
})
const rates = fc.record({
  throttle: fc.constantFrom(0, 0.3),
  rebalance: fc.constantFrom(0, 0.2),
  loseCommit: fc.constantFrom(0, 0.3),
})

it('whatever goes wrong, each record is delivered or filtered, and nothing is committed that was not', async () => {
  await fc.assert(
    fc.asyncProperty(
      settings,
      rates,
      fc.integer(),
      fc.integer({ min: 1, max: 40 }),
      async (some, often, seed, count) => {
        const done = new Set<string>()
        let attempts = 0
        const handler = (event: KafkaEvent) => {
          const names = offsetsIn(event)
          // Every third attempt fails: in part where that may be said, else as a whole.
          const bad = ++attempts % 3 === 0 ? names.slice(-1) : []
          if (bad.length > 0 && !(some.reportFailures && some.pollersMax > 0)) throw new Error('broken')
          for (const name of names) if (!bad.includes(name)) done.add(name)
          return failed(...bad)
        }
        const emulator = await kafkaEmulator<KafkaEvent>({
          topic: 'orders',
          partitions: 3,
          handler,
          settings: { ...some, onDemandExtras: 'ignore', pollMs: 100, filters: [{ value: { ok: [true] } }] },
          faults: randomFaults(seed, often),
        })
        const wanted = new Set<string>()
        for (let n = 0; n < count; n++) {
          emulator.send({ partition: n % 3, value: { ok: n % 4 !== 0 } })
          if (n % 4 !== 0) wanted.add(`${n % 3}:${Math.floor(n / 3)}`)
          if (n % 7 === 0) await emulator.advance(200)
          for (const [partition, offset] of (await emulator.committed()).entries())
            for (const name of wanted) {
              const [its, at] = name.split(':').map(Number)
              if (its === partition && at! < (offset ?? 0)) expect(done).toContain(name)
            }
        }
        await emulator.drain({ withinMs: 3_600_000 })
        await emulator.stop()
        expect([...done].toSorted()).toEqual([...wanted].toSorted())
      },
    ),
    { numRuns: 40 },
  )
})
