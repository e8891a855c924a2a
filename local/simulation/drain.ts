import type { Mapping } from './mapping.ts'
import type { Scheduler } from './scheduler.ts'
import type { Scene } from './topology.ts'

const ROUNDS_MAX = 8
const LONGER_THAN_IDLE_MS = 11 * 3_600_000
/** Longer than anything is kept. */
const YEARS_MS = 10 * 365 * 24 * 3_600_000

/** The mapping passes partitions over at times, but not so often. */
const IDLE_ROUNDS_MAX = 200

interface Watch {
  failed(): boolean
  /** Something is left to do, and nobody does anything. */
  stuck(): void
  /** What there is, repeats apart. */
  content(): string
  /** Begins a redrive of all that the stage has parked, where that is what a run is about. */
  redrive(stage: Mapping): Promise<boolean>
  /** Something waits for its time. */
  isOpen(): Promise<boolean>
}

/**
 * Without faults: everything is read, then time goes on until nothing is open; or everything is closed, stage by stage.
 * @returns what is wrong when it does not come to an end
 */
export async function drain(
  scheduler: Scheduler,
  stages: readonly Mapping[],
  ending: Scene['ending'],
  watch: Watch,
): Promise<string | undefined> {
  const closing = scheduler.dice.chance(0.3)
  const end = (ending ?? (closing ? 'closing' : 'silence')) === 'closing' ? closeWindows : letTimePass
  let silenceMs = LONGER_THAN_IDLE_MS
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const before = watch.content()
    await readAll()
    for (const stage of stages) await untilDone(() => watch.redrive(stage))
    await readAll()
    await end()
    if (watch.failed()) return undefined
    if (round < 2 || watch.content() !== before) continue
    if (!(await watch.isOpen())) return undefined
    silenceMs = YEARS_MS
  }
  return 'it does not come to rest: something comes out again and again, or stays open'

  async function letTimePass(): Promise<void> {
    await tickAll()
    scheduler.nowMs += silenceMs
    await tickAll()
  }

  async function tickAll(): Promise<void> {
    for (const stage of stages) if (stage.stage.stateful) await untilDone(() => stage.control({ millrace: 'tick' }))
  }

  async function closeWindows(): Promise<void> {
    for (const stage of stages) {
      await readAll()
      if (stage.stage.stateful) await untilDone(() => stage.control({ millrace: 'close-windows' }))
    }
  }

  async function readAll(): Promise<void> {
    let idleRounds = 0
    for (let drained = false; !drained && !watch.failed(); ) {
      drained = true
      const steps = scheduler.trace.length
      for (const stage of stages) {
        await untilDone(() => stage.poll())
        drained &&= await stage.isDrained()
      }
      idleRounds = scheduler.trace.length === steps ? idleRounds + 1 : 0
      if (idleRounds > IDLE_ROUNDS_MAX) return watch.stuck()
    }
  }

  async function untilDone(begin: () => Promise<unknown>): Promise<void> {
    await begin()
    while (scheduler.waiting > 0 && !watch.failed()) await scheduler.step()
  }
}
