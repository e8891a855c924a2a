import { parentPort, workerData } from 'node:worker_threads'
import { simulate } from './simulate.ts'
import { addResult, newTally, type Tally } from './tally.ts'
import type { Topology } from './topology.ts'

/** What a worker is asked for: these seeds, up to the first that fails. */
export interface Job {
  readonly topology: string
  readonly from: number
  readonly seeds: number
}

export interface WorkerSetup {
  /** A module that exports `topologies`. */
  readonly topologies: string
}

/** Runs seeds in a thread of its own, so that all cores have work. */
const { topologies } = (await import((workerData as WorkerSetup).topologies)) as { topologies: readonly Topology[] }

parentPort!.on('message', async (job: Job) => parentPort!.postMessage(await run(job)))

async function run({ topology, from, seeds }: Job): Promise<Tally> {
  const found = topologies.find(({ name }) => name === topology)!
  const tally = newTally(topology)
  const before = process.threadCpuUsage()
  for (let seed = from; seed < from + seeds && tally.failures.length === 0; seed++)
    if ((seed - 1) % (found.everyNth ?? 1) === 0) addResult(tally, seed, await simulate(found, seed))
  const { user, system } = process.threadCpuUsage(before)
  tally.cpuMs = (user + system) / 1_000
  return tally
}
