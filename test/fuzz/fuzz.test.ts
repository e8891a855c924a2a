import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MillraceError } from '../../shared/errors.ts'
import { inputsOf } from './target.ts'
import { targets } from './targets/index.ts'

/** Inputs over all targets together: `FUZZ_RUNS=1000000` for a long run. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 20_000)
const perTarget = Math.ceil(RUNS / targets.length)
/** A multiple of what any run took: only what never ends takes longer. */
const TIMEOUT_MS = 60_000 + perTarget * 20

describe('whatever the bytes, nothing but an error of ours comes of them', () => {
  test.each(targets.map((target) => [target.name, target] as const))('%s reads what is whole', async (_, target) => {
    for (const bytes of target.valid) await target.read(Buffer.from(bytes))
  })

  test.each(targets.map((target) => [target.name, target] as const))(
    '%s',
    { timeout: TIMEOUT_MS },
    async (name, target) => {
      const counts = { runs: 0, refused: 0 }
      const property = fc.asyncProperty(inputsOf(target), async (bytes) => {
        counts.runs++
        try {
          await target.read(bytes)
        } catch (error) {
          counts.refused++
          if (!(error instanceof MillraceError)) throw error
        }
      })
      await fc.assert(property, { numRuns: perTarget })
      if (process.env.FUZZ_RUNS !== undefined)
        process.stdout.write(`${name}: ${counts.runs} inputs, ${counts.refused} refused\n`)
      expect(counts.runs).toBe(perTarget)
    },
  )
})
