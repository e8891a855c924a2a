import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { addTally, newTally, type Tally } from './tally.ts'
import type { Job } from './worker.ts'

const SEEDS_PER_JOB = 10

export interface PoolOptions {
  /** The module to run in each thread; default: the one that runs seeds on the code as it is. */
  readonly worker?: URL
  readonly workers: number
  /** For the worker; names the module with the topologies. */
  readonly setup: { readonly topologies: string } & Readonly<Record<string, unknown>>
}

/** Threads that run seeds side by side. */
export class Pool {
  readonly #threads: Worker[]

  constructor({ worker = new URL('./worker.ts', import.meta.url), workers, setup }: PoolOptions) {
    this.#threads = Array.from({ length: workers }, () => new Worker(worker, { workerData: setup }))
  }

  /**
   * Runs seeds of one topology in order, up to the first that fails: its seed is the lowest that does.
   * `each` is told now and then what is done, and the lowest seed that is not.
   */
  async run(
    topology: string,
    from: number,
    seeds: number,
    each: (tally: Tally, next: number) => void = () => {},
  ): Promise<Tally> {
    const tally = newTally(topology)
    let next = from
    const running = new Map<Worker, number>()
    const work = async (thread: Worker) => {
      while (next < from + seeds && tally.failures.length === 0) {
        const job: Job = { topology, from: next, seeds: Math.min(SEEDS_PER_JOB, from + seeds - next) }
        next += job.seeds
        running.set(thread, job.from)
        addTally(tally, await ask(thread, job))
        running.delete(thread)
        each(tally, Math.min(next, ...running.values()))
      }
    }
    await Promise.all(this.#threads.map(work))
    return tally
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()))
  }
}

async function ask(thread: Worker, job: Job): Promise<Tally> {
  // Rejects with what the thread died of.
  const answer = once(thread, 'message') as Promise<[Tally]>
  thread.postMessage(job)
  return (await answer)[0]
}
