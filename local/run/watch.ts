import type { Feeder } from '../feed/feeder.ts'
import type { LineSource } from '../feed/source.ts'
import { type ProcessorRun, totalsOf } from './summary.ts'
import { type Tally, tally } from './tally.ts'

/** A moment of a run, as it is shown while it goes on. */
export interface Moment {
  readonly elapsedMs: number
  /** Records put into source topics by this run. */
  readonly produced: number
  /** How much of what is to be produced is processed, 0 to 1; undefined: nobody knows the end. */
  readonly share: number | undefined
  readonly phase: string
  readonly processors: readonly ProcessorMoment[]
}

export interface ProcessorMoment extends Pick<Tally, 'read' | 'late' | 'parked' | 'emitted' | 'openTimers'> {
  readonly name: string
  /** Records read per second, over the last seconds. */
  readonly perSecond: number
  /** Records that wait. */
  readonly lag: number
}

export interface WatchOptions {
  readonly processors: readonly ProcessorRun[]
  readonly feeder: Pick<Feeder, 'appended' | 'skipped'>
  readonly source: LineSource & { share?(): number | undefined }
}

const RATE_OVER_MS = 3_000

/** Takes moments of a run; remembers those of the last seconds, for the rates. */
export class Watch {
  readonly #options: WatchOptions
  readonly #history = new Map<string, { readonly atMs: number; readonly read: number }[]>()

  constructor(options: WatchOptions) {
    this.#options = options
  }

  async look(elapsedMs: number, phase: string): Promise<Moment> {
    const processors = await Promise.all(this.#options.processors.map((each) => this.#lookAt(each, elapsedMs)))
    const share = this.#share(Math.max(...processors.map(({ lag }) => lag)))
    return { elapsedMs, produced: this.#options.feeder.appended, share, phase, processors }
  }

  async #lookAt(processor: ProcessorRun, nowMs: number): Promise<ProcessorMoment> {
    let lag = 0
    for (const { mapping } of processor.stages) lag += await mapping.lag()
    const { read, late, parked, emitted, openTimers } = tally(totalsOf(processor))
    const perSecond = this.#rate(processor.name, nowMs, read)
    return { name: processor.name, perSecond, lag, read, late, parked, emitted, openTimers }
  }

  /** Batches come in bursts: the rate is over some seconds. */
  #rate(name: string, nowMs: number, read: number): number {
    const history = this.#history.get(name) ?? []
    while (history.length > 1 && nowMs - history[0]!.atMs > RATE_OVER_MS) history.shift()
    history.push({ atMs: nowMs, read })
    this.#history.set(name, history)
    const seconds = (nowMs - history[0]!.atMs) / 1_000
    return seconds > 0 ? Math.max(0, read - history[0]!.read) / seconds : 0
  }

  #share(lag: number): number | undefined {
    const { source, feeder } = this.#options
    const fed = feeder.appended + feeder.skipped
    const done = Math.max(0, fed - lag)
    const all = source.linesInAll()
    if (all !== undefined) return all === 0 ? 1 : done / all
    const share = source.share?.()
    return share === undefined || fed === 0 ? share : (share * done) / fed
  }
}
