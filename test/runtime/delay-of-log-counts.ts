import { mulberry32 } from '../reference/random.ts'
import { BATCH_WINDOW_MS, declared, LogCounts, SOURCE_PARTITIONS } from './log-counts.ts'

const GIVE_UP_MS = 3_600_000

/** A window that has closed. Delays in ms. */
export interface Delay {
  /** From the last record of the window to its result. */
  readonly fromRecordMs: number
  /** From the end of the window to its result. */
  readonly fromEndMs: number
}

/**
 * Logs at a steady rate for so long, at random moments and in random partitions, all of one service; then silence, until
 * everything has closed.
 * @returns the delays of windows that closed while logs came, and of those that did so afterwards
 */
export async function delaysAt(
  ratePerSecond: number,
  lengthMs: number,
  seed: number,
): Promise<{ running: Delay[]; silent: Delay[]; late: number }> {
  const random = mulberry32(seed)
  const run = await LogCounts.start(Math.floor(random() * 60) * 1_000)
  const lastOf = new Map<number, number>()
  const gap = () => (-Math.log(1 - random()) * 1_000) / ratePerSecond
  for (let next = gap(); run.nowMs < lengthMs; await run.second())
    for (; next < run.nowMs + BATCH_WINDOW_MS; next += gap()) {
      const atMs = Math.floor(next)
      run.log(Math.floor(random() * SOURCE_PARTITIONS), 'api', atMs)
      lastOf.set(atMs - (atMs % declared.sizeMs) + declared.sizeMs, atMs)
    }
  const silentFrom = run.nowMs
  while (run.closed.length < lastOf.size && run.nowMs < silentFrom + GIVE_UP_MS) await run.second()
  const delays = (isSilent: boolean): Delay[] =>
    run.closed
      .filter(({ putMs }) => putMs > silentFrom === isSilent)
      .map(({ endMs, putMs }) => ({ fromRecordMs: putMs - lastOf.get(endMs)!, fromEndMs: putMs - endMs }))
  return { running: delays(false), silent: delays(true), late: run.late }
}
