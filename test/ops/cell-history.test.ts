import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CellHistory, cellAt } from '../../ops/journal/cell-history.ts'
import type { CellChange } from '../../shared/engine/state.ts'

type Then = { text: string; wakeAtMs: number } | 'absent'
type Step = 'nothing' | 'put' | 'delete' | 'timer'

const KEPT = { key: 'k', id: 'c' }

/** What each commit did, from 1 on, and what the cell then was; number 0 is before the first. */
function lived(steps: readonly Step[]): { states: Then[]; changes: { seq: number; change: CellChange }[] } {
  const states: Then[] = ['absent']
  const changes: { seq: number; change: CellChange }[] = []
  for (const [i, step] of steps.entries()) {
    const seq = i + 1
    const now = states[i]!
    if (step === 'put') {
      states.push({ text: `"${seq}"`, wakeAtMs: seq })
      changes.push({ seq, change: { ...KEPT, text: `"${seq}"`, wakeAtMs: seq } })
    } else if (step === 'delete' && now !== 'absent') {
      states.push('absent')
      changes.push({ seq, change: { ...KEPT, text: undefined, wakeAtMs: -1 } })
    } else if (step === 'timer' && now !== 'absent') {
      states.push({ ...now, wakeAtMs: 1_000 + seq })
      changes.push({ seq, change: { ...KEPT, text: undefined, same: true, wakeAtMs: 1_000 + seq } })
    } else states.push(now)
  }
  return { states, changes }
}

/** The history of a cell with a ring of so many commits and a bucket as of `bucketSeq`. */
function history(steps: readonly Step[], ring: number, bucketSeq: number): CellHistory {
  const { states, changes } = lived(steps)
  const then = states[bucketSeq]!
  return {
    ...KEPT,
    bucketSeq,
    inBucket: then === 'absent' ? undefined : { ...KEPT, ...then },
    changes: changes.filter(({ seq }) => seq > steps.length - ring),
  }
}

describe('a cell as of a commit', () => {
  const steps = fc.array(fc.constantFrom<Step>('nothing', 'put', 'delete', 'timer'), { minLength: 1, maxLength: 20 })

  it('is what it was then, or is said to be unknown', () => {
    fc.assert(
      fc.property(steps, fc.nat(20), fc.nat(20), fc.nat(20), (lives, ringGiven, bucketGiven, seqGiven) => {
        const newest = lives.length
        const ring = 1 + (ringGiven % newest)
        // The ring reaches back to the bucket, and to what is asked for.
        const [bucketSeq, seq] = [bucketGiven, seqGiven].map((given) => newest - (given % (ring + 1))) as [
          number,
          number,
        ]
        const found = cellAt(history(lives, ring, bucketSeq), seq)
        if (seq >= bucketSeq) expect(found).not.toBe('unknown')
        if (found !== 'unknown') expect(found).toEqual(lived(lives).states[seq])
      }),
      { numRuns: 2_000 },
    )
  })

  it.each<{ title: string; steps: Step[]; bucketSeq: number; seq: number; is: unknown }>([
    { title: 'a later bucket says nothing of it', steps: ['put', 'nothing', 'put'], bucketSeq: 3, seq: 1, is: '"1"' },
    { title: 'nobody has touched it until the bucket', steps: ['put', 'nothing'], bucketSeq: 2, seq: 1, is: '"1"' },
  ])('is told where $title', ({ steps, bucketSeq, seq, is }) => {
    expect(cellAt(history(steps, 10, bucketSeq), seq)).toMatchObject({ text: is })
  })

  it('is unknown where only commits that are gone told of it', () => {
    expect(cellAt(history(['put', 'nothing', 'nothing', 'put'], 2, 4), 3)).toBe('unknown')
  })
})
