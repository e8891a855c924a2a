import { expect } from 'vitest'
import { memoryJournalStore } from '../../shared/journal/memory.ts'
import { TestOwner } from './test-owner.ts'

export const small = { ring: 8, buckets: 2 }

/** Commit n sets key `kM` (M = n mod 5) to n, and deletes it when n is a multiple of 7. */
export const changesOf = (n: number) => ({ [`k${n % 5}`]: n % 7 === 0 ? null : `v${n}` })

export function stateAfter(commits: number): Record<string, string> {
  const state: Record<string, string> = {}
  for (let n = 1; n <= commits; n++)
    for (const [key, text] of Object.entries(changesOf(n)))
      if (text === null) delete state[key]
      else state[key] = text
  return state
}

/** A journal with so many commits in it, and its owner. */
export async function written(commits: number, settings = small) {
  const store = memoryJournalStore()
  const owner = await TestOwner.load(store, settings)
  for (let n = 1; n <= commits; n++) expect(await owner.write(changesOf(n))).toBe('written')
  return { store, owner }
}
