import type { State } from '../engine/state.ts'
import { MillraceError } from '../errors.ts'
import type { Stage } from '../processor/plan-types.ts'
import { END_OF_TIME_MS } from '../time.ts'
import { advance } from './advance.ts'
import type { Deadline } from './deadline.ts'
import type { PartitionReport } from './kafka-event.ts'
import type { Owner } from './owner.ts'
import type { Owners } from './owners.ts'
import { reportOf } from './stateful.ts'

const ATTEMPTS_MAX = 10

/**
 * Closes everything that is open, whatever its time: for the end of a finite input. Where timers of a user's machine may
 * set themselves anew for ever, time moves to the last one that is set so far; what they set after it stays open.
 *
 * @throws MillraceError `DEADLINE`, `JOURNAL_CONFLICT`
 */
export async function closeWindows(
  stage: Stage,
  owners: Owners,
  deadline: Deadline,
  reports: PartitionReport[],
): Promise<void> {
  for (let partition = 0; partition < stage.source.partitions; partition++)
    reports.push(await closePartition(stage, owners, partition, deadline))
}

async function closePartition(
  stage: Stage,
  owners: Owners,
  partition: number,
  deadline: Deadline,
): Promise<PartitionReport> {
  for (let attempt = 1; ; attempt++) {
    const owner = await owners.take(partition, undefined)
    const before = { ...owner.counts }
    const endMs = endOf(stage, owner)
    if ((await advance(owner, 'close-windows', () => endMs, deadline)) === 'done') {
      owners.keep(owner)
      return reportOf(owner, before)
    }
    if (attempt === ATTEMPTS_MAX) throw new MillraceError('JOURNAL_CONFLICT', { scope: owner.name, attempts: attempt })
  }
}

const endOf = (stage: Stage, owner: Owner): number =>
  stage.program.stateful!.machine.endless === true ? lastTimerMs(owner.fold.state) : END_OF_TIME_MS

/** -1 without timers. */
function lastTimerMs(state: State): number {
  let lastMs = -1
  for (const { wakeAtMs } of state.cells()) if (wakeAtMs > lastMs) lastMs = wakeAtMs
  return lastMs
}
