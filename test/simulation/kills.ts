import Table from 'cli-table3'
import { Pool } from '../../local/simulation/pool.ts'
import type { Tally } from '../../local/simulation/tally.ts'
import { type Mutant, mutants } from './mutants.ts'

const SEEDS_MAX = 1_000
const NAME_MAX = 78

/** Runs the simulator on code with one rule broken, from seed 1 on, until a seed fails. */
export async function kill({ topology, edits }: Mutant, workers: number): Promise<Tally> {
  const setup = { topologies: new URL('./topologies/index.ts', import.meta.url).href, edits }
  const pool = new Pool({ worker: new URL('./mutant-worker.ts', import.meta.url), workers, setup })
  try {
    return await pool.run(topology, 1, SEEDS_MAX)
  } finally {
    await pool.close()
  }
}

/** Prints by which seed each mutant is noticed: as seeds begin at 1, that many were needed. @returns the exit code */
export async function printKills(print: (text: string) => void): Promise<number> {
  const table = new Table({ head: ['rule broken', 'topology', 'seeds needed', 'noticed as'], style: { head: [] } })
  let survivors = 0
  for (const mutant of mutants) {
    const { failures } = await kill(mutant, 2)
    const [first] = failures
    if (first === undefined) survivors++
    const problem = first?.problems[0]?.split('\n')[0] ?? `not in ${SEEDS_MAX} seeds`
    table.push([mutant.name, mutant.topology, first?.seed ?? 'SURVIVED', problem.slice(0, NAME_MAX)])
  }
  print(table.toString())
  print(survivors === 0 ? `All ${mutants.length} are noticed.` : `${survivors} of ${mutants.length} survive.`)
  return survivors === 0 ? 0 : 1
}
