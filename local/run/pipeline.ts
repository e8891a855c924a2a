import type { Stage } from '../../shared/processor/plan-types.ts'
import type { Clock } from '../emulator/clock.ts'
import type { StageRun } from './stage-run.ts'

const TICK_EVERY_MS = 5_000
const LOOK_EVERY_MS = 20
const ATTEMPTS_MAX = 20
const PAUSE_MS = 250

/** Told of each failed attempt of a stage. */
export type OnError = (stage: Stage, error: unknown, attempt: number) => void

/** All stages at work, in the order in which data flows through them. */
export class Pipeline {
  readonly stages: readonly StageRun[]
  readonly #clock: Clock
  readonly #onError: OnError
  readonly #ticking = new Map<StageRun, Promise<unknown>>()
  #ticks: NodeJS.Timeout | undefined

  constructor(stages: readonly StageRun[], clock: Clock, onError: OnError) {
    this.stages = inFlowOrder(stages)
    this.#clock = clock
    this.#onError = onError
  }

  async start(): Promise<void> {
    await Promise.all(this.stages.map(({ mapping }) => mapping.start()))
    this.#ticks = setInterval(() => this.#tick(), TICK_EVERY_MS)
  }

  async stop(): Promise<void> {
    clearInterval(this.#ticks)
    await Promise.all(this.#ticking.values())
    await Promise.all(this.stages.map(({ mapping }) => mapping.stop()))
  }

  /** Records that wait, over all stages. */
  async lag(): Promise<number> {
    let sum = 0
    for (const { mapping } of this.stages) sum += await mapping.lag()
    return sum
  }

  /**
   * Resolves once everything in the topics is processed and published, what processing put there included: also what a
   * tick has committed and not published. With `closeWindows`, each stage then closes what it has open, before the
   * stages that read from it are waited for.
   */
  async drain(closeWindows: boolean): Promise<void> {
    clearInterval(this.#ticks)
    await Promise.all(this.#ticking.values())
    for (const { mapping } of this.stages) mapping.hurry()
    for (const run of this.stages) {
      await this.#caughtUp(run)
      if (run.stage.stateful) await this.#insist(run, closeWindows ? 'close-windows' : 'settle')
    }
    // Nothing is left, unless stages feed each other in a circle.
    while ((await this.lag()) > 0) await this.#clock.sleep(LOOK_EVERY_MS)
  }

  async #caughtUp({ mapping }: StageRun): Promise<void> {
    while ((await mapping.lag()) > 0) await this.#clock.sleep(LOOK_EVERY_MS)
  }

  async #insist({ stage, mapping }: StageRun, millrace: 'close-windows' | 'settle'): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await mapping.invoke({ millrace })
        return
      } catch (error) {
        this.#onError(stage, error, attempt)
        if (attempt === ATTEMPTS_MAX) throw error
        await this.#clock.sleep(PAUSE_MS)
      }
    }
  }

  #tick(): void {
    for (const run of this.stages) {
      if (!run.stage.stateful || this.#ticking.has(run)) continue
      const ticking = run.mapping
        .invoke({ millrace: 'tick' })
        .catch((error: unknown) => this.#onError(run.stage, error, 1))
        .finally(() => this.#ticking.delete(run))
      this.#ticking.set(run, ticking)
    }
  }
}

/** Writers of a topic before its readers; in a circle, as they come. */
export function inFlowOrder<T extends { readonly stage: Pick<Stage, 'source' | 'writesTopics'> }>(
  stages: readonly T[],
): T[] {
  const ordered: T[] = []
  const visited = new Set<T>()
  const visit = (run: T): void => {
    if (visited.has(run)) return
    visited.add(run)
    for (const other of stages)
      if (other.stage.writesTopics.some(({ name }) => name === run.stage.source.name)) visit(other)
    ordered.push(run)
  }
  for (const run of stages) visit(run)
  return ordered
}
