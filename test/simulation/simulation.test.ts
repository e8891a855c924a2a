import { availableParallelism } from 'node:os'
import { afterAll, describe, expect, it } from 'vitest'
import { Pool } from '../../local/simulation/pool.ts'
import { simulate } from '../../local/simulation/simulate.ts'
import { addCounts } from '../../local/simulation/tally.ts'
import { kill } from './kills.ts'
import { mutants } from './mutants.ts'
import { situations } from './situations.ts'
import { topologies } from './topologies/index.ts'

const SEEDS = 100
const MINUTES = 60_000
const workers = Math.min(2, availableParallelism())
const setup = { topologies: new URL('./topologies/index.ts', import.meta.url).href }

describe('whatever crashes, races, repeats itself or is lost on the way', () => {
  const pool = new Pool({ workers, setup })
  const seen = new Map<string, number>()
  afterAll(() => pool.close())

  it.each(topologies)(
    `$name: every record counts once, in ${SEEDS} schedules`,
    { timeout: 5 * MINUTES },
    async ({ name }) => {
      const tally = await pool.run(name, 1, SEEDS)
      expect(tally.failures).toEqual([])
      addCounts(seen, tally.situations)
      addCounts<string>(seen, tally.faults)
    },
  )

  it('and every situation that the simulator was built for comes up', () => {
    expect(situations.filter((situation) => !seen.has(situation))).toEqual([])
  })

  it('the same seed gives the same schedule', async () => {
    const [once, again] = [await simulate(topologies[1]!, 8), await simulate(topologies[1]!, 8)]
    expect(again.trace).toEqual(once.trace)
    expect(once.trace.length).toBeGreaterThan(200)
  })
})

// Each in a thread of its own, which reads the code with one rule broken.
describe.concurrent('the simulator notices when', () => {
  it.each(mutants)('$name', { timeout: 5 * MINUTES }, async (mutant) => {
    expect((await kill(mutant, 1)).failures).toHaveLength(1)
  })
})
