import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NO_WAKE, type State } from '../../shared/engine/state.ts'
import { memoryJournalStore } from '../../shared/journal/memory.ts'
import { small } from './history.ts'
import { TestOwner } from './test-owner.ts'

/** What one commit does to one cell. */
type Act = { readonly key: string; readonly value: number | 'deleted' | 'as it is'; readonly wakeAtMs: number }

const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd'),
    value: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('deleted' as const, 'as it is' as const)),
    wakeAtMs: fc.constantFrom(NO_WAKE, 10, 20),
  }),
  { maxLength: 4 },
)

function act(state: State, { key, value, wakeAtMs }: Act): void {
  const owner = state.ofKey(key)
  const cell = owner.find('v')
  if (typeof value === 'number') state.put(owner, 'v', value, wakeAtMs)
  else if (cell !== undefined && value === 'deleted') state.delete(cell)
  else if (cell !== undefined) state.wake(cell, wakeAtMs)
}

const cellsOf = (state: State): string[] =>
  [...state.cells()].map(({ key, text, wakeAtMs }) => `${key} ${text} ${wakeAtMs}`).toSorted()

describe('timers in a journal', () => {
  it('are loaded as they were left, from buckets and commits of any age', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(acts, { minLength: 1, maxLength: 30 }), async (commits) => {
        const store = memoryJournalStore()
        const owner = await TestOwner.load(store, small)
        const follower = await TestOwner.load(store, small)
        for (const [n, list] of commits.entries()) {
          for (const each of list) act(owner.state, each)
          expect(await owner.write({})).toBe('written')
          if (n % 3 === 0) await follower.readForward()
          expect(cellsOf((await TestOwner.load(store, small)).state)).toEqual(cellsOf(owner.state))
        }
        await follower.readForward()
        expect(cellsOf(follower.state)).toEqual(cellsOf(owner.state))
      }),
      { numRuns: 100 },
    )
  })
})
