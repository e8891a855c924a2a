import { describe, expect, it } from 'vitest'
import { Journal } from '../../shared/journal/journal.ts'
import { type Mutant, mutants, replace } from './simulation/mutants.ts'
import { type Result, simulate } from './simulation/simulate.ts'

// SEEDS=n runs n seeds, SEED=n begins with seed n and, alone, shows the end of its schedule.
const FIRST = Number(process.env.SEED ?? 1)
const SEEDS = Number(process.env.SEEDS ?? (process.env.SEED === undefined ? 300 : 1))
const SEEDS_PER_MUTANT = 300
const MINUTES = 60_000

/** What must have come up: where one of these is at zero, the simulator proves nothing about it. */
const SITUATIONS = [
  'abandoned',
  'attempt noted',
  'bucket refused',
  'bucket written',
  'commit of a batch refused',
  'commit of a batch written',
  'commit of a tick refused',
  'commit of a tick written',
  'crash-after',
  'crash-before',
  'cut inside a burst of timers',
  'done',
  'done-in-part',
  'done-later',
  'fell off the ring',
  'more buckets',
  'not-committed',
  'not-done',
  'outputs of others published by a batch',
  'outputs of others published by a tick',
  'outputs sent after a later commit',
  'read forward',
  'record delivered three times',
  'record parked',
  'refused-by-itself',
  'repeat dropped downstream',
  'repeat on a topic',
  'rewound',
  'ring went round',
  'short-of-time',
  'logged: record killed the function',
  'logged: tick holds',
  'tick item refused',
]

describe('whatever crashes, races, repeats itself or is lost on the way', () => {
  it(`every record counts once, in ${SEEDS} schedules from seed ${FIRST} on`, { timeout: 60 * MINUTES }, async () => {
    const situations = new Map<string, number>()
    const count = (situation: string, times = 1) => situations.set(situation, (situations.get(situation) ?? 0) + times)
    const mend = countingReads(count)()
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
      const result = await simulate(seed)
      if (result.problems.length > 0) throw new Error(reportOf(seed, result))
      for (const [situation, times] of result.situations) count(situation, times)
    }
    mend()
    if (SEEDS < 300) return
    expect(SITUATIONS.filter((situation) => !situations.has(situation))).toEqual([])
  })

  it('the same seed gives the same schedule', async () => {
    const [once, again] = [await simulate(8), await simulate(8)]
    expect(again.trace).toEqual(once.trace)
    expect(once.trace.length).toBeGreaterThan(500)
  })
})

describe('the simulator notices when', () => {
  it.each(mutants)('$name', { timeout: 5 * MINUTES }, async (mutant) => {
    expect(await killingSeed(mutant)).toBeLessThanOrEqual(SEEDS_PER_MUTANT)
  })
})

async function killingSeed({ change, install }: Mutant): Promise<number> {
  const mend = install?.()
  try {
    for (let seed = 1; seed <= SEEDS_PER_MUTANT; seed++)
      if ((await simulate(seed, change)).problems.length > 0) return seed
    return Number.POSITIVE_INFINITY
  } finally {
    mend?.()
  }
}

const countingReads = (count: (situation: string) => void) =>
  replace(Journal.prototype, 'readForward', (readForward) => {
    return async function (this: Journal, state) {
      const [known, outcome] = [this.seq, await readForward.call(this, state)]
      if (outcome === 'fell-off') count('fell off the ring')
      else if (this.seq > known) count('read forward')
      return outcome
    }
  })

function reportOf(seed: number, { topology, problems, trace }: Result): string {
  const schedule = SEEDS === 1 ? `\n\n${trace.slice(-200).join('\n')}` : ''
  return `seed ${seed} (${topology}, ${trace.length} steps):\n${problems.join('\n')}${schedule}`
}
