import { describe, expect, it } from 'vitest'
import { scene, send, waiting } from './scene.ts'

const provisioned = { pollersMax: 1, batchRecordsMax: 2, batchWindowMs: 1_000 }

describe('a provisioned poller', () => {
  it('has up to five invocations, of different partitions', async () => {
    const function_ = waiting()
    const set = await scene({ ...provisioned, mixing: 'one' }, function_.handler, { partitions: 7, timeoutMs: 60_000 })
    for (let partition = 0; partition < 7; partition++) send(set, partition, 2)
    await set.emulator.advance(5_000)
    expect(set.given()).toEqual(['0:0 0:1', '1:0 1:1', '2:0 2:1', '3:0 3:1', '4:0 4:1'])
    function_.answer()
    await set.emulator.advance(5_000)
    expect(set.given().slice(5)).toEqual(['5:0 5:1'])
  })

  it('never has a partition in two of them', async () => {
    const function_ = waiting()
    const set = await scene(provisioned, function_.handler, { timeoutMs: 60_000 })
    send(set, 0, 6)
    await set.emulator.advance(5_000)
    expect(set.given()).toEqual(['0:0 0:1'])
    function_.answer()
    await set.emulator.advance(5_000)
    expect(set.given()).toEqual(['0:0 0:1', '0:2 0:3'])
  })

  it('opens the next window when a batch is closed, on demand one when its invocation ends', async () => {
    const waits = { partitions: 2, timeoutMs: 60_000 }
    const calledAt = async (pollersMax: number): Promise<number[]> => {
      const function_ = waiting()
      const times: number[] = []
      const handler = () => {
        times.push(set.emulator.nowMs() - startMs)
        return times.length === 1 ? function_.handler() : undefined
      }
      const set = await scene({ ...provisioned, pollersMax, batchRecordsMax: 100 }, handler, waits)
      const startMs = set.emulator.nowMs()
      send(set, 0, 1)
      await set.emulator.advance(1_000)
      send(set, 1, 1)
      await set.emulator.advance(2_500)
      function_.answer()
      await set.emulator.advance(2_000)
      return times
    }
    expect(await calledAt(1)).toEqual([1_000, 2_000])
    expect(await calledAt(0)).toEqual([1_000, 4_500])
  })

  it('hands over whatever there is at once when there is no window', async () => {
    const set = await scene({ ...provisioned, batchWindowMs: 0, batchRecordsMax: 100, pollMs: 20 })
    send(set, 0, 3)
    await set.emulator.advance(20)
    expect(set.given()).toEqual(['0:0 0:1 0:2'])
  })

  it('keeps to its own partitions: two pollers never share a batch', async () => {
    const set = await scene({ ...provisioned, pollersMax: 2, batchRecordsMax: 100 }, undefined, { partitions: 4 })
    for (let partition = 0; partition < 4; partition++) send(set, partition, 1)
    await set.emulator.drain()
    const batches = set.given().map((names) => names.split(' ').toSorted().join(' '))
    expect(batches.toSorted()).toEqual(['0:0 2:0', '1:0 3:0'])
  })
})

describe('of several partitions', () => {
  it.each([
    ['mix', ['0:0 1:0']],
    ['one', ['0:0', '1:0']],
  ] as const)('a batch holds what the policy %s lets it', async (mixing, expected) => {
    const set = await scene({ ...provisioned, batchRecordsMax: 100, mixing }, undefined, { partitions: 2 })
    send(set, 0, 1)
    send(set, 1, 1)
    await set.emulator.drain()
    expect(set.given().toSorted()).toEqual(expected)
  })
})
