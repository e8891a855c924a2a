import { describe, expect, it } from 'vitest'
import { scene } from './scene.ts'

const filters = [{ value: { ok: [true] } }]

describe('records that a filter keeps out', () => {
  const sendBoth = (set: Awaited<ReturnType<typeof scene>>, oks: readonly boolean[]): void => {
    for (const ok of oks) set.emulator.send({ value: { ok } })
  }

  it('are not delivered, and committed with the others', async () => {
    const set = await scene({ filters })
    sendBoth(set, [false, true, false, true, false])
    await set.emulator.drain()
    expect(set.given()).toEqual(['0:1 0:3'])
    expect(await set.emulator.committed()).toEqual([5])
    expect(set.emulator.counts()).toMatchObject({ polled: 5, filteredOut: 3, invoked: 2, committed: 5 })
  })

  it('are not committed while the function fails, and come again to the filter', async () => {
    const set = await scene({ filters }, () => Promise.reject(new Error('broken')))
    sendBoth(set, [false, true])
    await set.emulator.advance(5_000)
    expect(await set.emulator.committed()).toEqual([undefined])
  })

  it.each([
    ['free', ['0:1 0:3']],
    ['counts', ['0:1', '0:3']],
  ] as const)('count towards the size of a batch as the switch says (%s)', async (filteredCount, expected) => {
    const set = await scene({ filters, filteredCount, batchRecordsMax: 2 })
    sendBoth(set, [false, true, false, true])
    await set.emulator.drain()
    expect(set.given()).toEqual(expected)
  })

  it.each([
    ['at-once', [3]],
    ['with-next', [undefined]],
  ] as const)(
    'without any other are committed as the switch says (%s), with no invocation',
    async (filteredCommit, expected) => {
      const set = await scene({ filters, filteredCommit })
      sendBoth(set, [false, false, false])
      await set.emulator.drain()
      expect(set.given()).toEqual([])
      expect(await set.emulator.committed()).toEqual(expected)
      sendBoth(set, [true])
      await set.emulator.drain()
      expect(set.given()).toEqual(['0:3'])
      expect(await set.emulator.committed()).toEqual([4])
    },
  )
})
