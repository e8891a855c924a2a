import { type Choice, type Result, simulate } from './simulate.ts'
import type { Topology } from './topology.ts'

const RUNS_MAX = 250

/** A seed that fails with less: fewer kinds of faults, then fewer faults, then fewer records. */
export interface Shrunk {
  readonly choice: Choice
  readonly result: Result
  readonly runs: number
}

/** Leaves out whatever the failure does not need. Every step was tried: the choice that it ends with fails. */
export async function shrink(topology: Topology, seed: number, runsMax = RUNS_MAX): Promise<Shrunk> {
  let best: Shrunk = { choice: {}, result: await simulate(topology, seed), runs: 1 }
  let runs = 1

  /** Takes the choice over if it fails, too. */
  const fails = async (choice: Choice): Promise<boolean> => {
    if (runs >= runsMax) return false
    runs++
    const result = await simulate(topology, seed, choice)
    if (result.problems.length === 0) return false
    best = { choice, result, runs }
    return true
  }

  for (const kind of best.result.faults.keys()) await fails({ without: [...(best.choice.without ?? []), kind] })
  await dropFaults()
  await dropRecords()
  return { ...best, runs }

  async function dropFaults(): Promise<void> {
    const { without } = best.choice
    if (!(await fails({ without, only: best.result.struck }))) return
    for (let size = Math.ceil(best.choice.only!.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
      for (let from = 0; from < best.choice.only!.length; ) {
        const only = best.choice.only!.toSpliced(from, size)
        if (!(await fails({ without, only }))) from += size
      }
  }

  async function dropRecords(): Promise<void> {
    for (const place of Object.keys(best.result.records))
      for (let count = best.result.records[place]!, less = Math.ceil(count / 2); less >= 1; ) {
        const records = { ...best.choice.records, [place]: count - less }
        if (count >= less && (await fails({ ...best.choice, records }))) count -= less
        else less = less === 1 ? 0 : Math.ceil(less / 2)
      }
  }
}

/** The flags that make {@link simulate} run this choice. */
export function flagsOf(seed: number, { without, only, records }: Choice): string {
  const flags = [`--seeds 1 --from-seed ${seed}`]
  if (without?.length) flags.push(`--without ${without.join(',')}`)
  if (only !== undefined) flags.push(`--only-faults ${only.join(',') || 'none'}`)
  if (records !== undefined)
    flags.push(
      `--records ${Object.entries(records)
        .map(([place, count]) => `${place}=${count}`)
        .join(',')}`,
    )
  return flags.join(' ')
}
