import type { CommitHead } from '../journal/commit.ts'
import { CommitAim } from './commit-aim.ts'
import type { Deadline } from './deadline.ts'
import type { Owner } from './owner.ts'

/**
 * Moves the time of a partition without records: fires what is due up to the time that `reach` gives, in as many commits
 * as it takes; what `reach` changes is part of the first, so it is asked again for a commit that is cut.
 * Nothing is written when nothing is due. @returns 'lost' when another invocation was faster: drop the owner
 * @throws MillraceError `DEADLINE` between two commits
 */
export async function advance(
  owner: Owner,
  kind: CommitHead['kind'],
  reach: () => number,
  deadline: Deadline,
): Promise<'done' | 'lost'> {
  const { fold } = owner
  const aim = new CommitAim()
  for (;;) {
    if (deadline.reached) throw deadline.error(0, 0)
    const timeMs = reach()
    const next = fold.state.nextTimerMs()
    if (fold.state.touchedCells === 0 && (next === undefined || next > timeMs)) return 'done'
    const all = fireUpTo(owner, timeMs, aim.bytes)
    const attempted = fold.bytes
    const outcome = await owner.commit(kind)
    if (outcome === 'refused') return 'lost'
    if (outcome === 'too-large') aim.shrink(attempted)
    else if (all) return 'done'
  }
}

/** Stream time ends at the last timer that fires, not at `timeMs`: what no timer waited for has not happened. */
function fireUpTo(owner: Owner, timeMs: number, bytesAim: number): boolean {
  const { fold } = owner
  for (;;) {
    const next = fold.state.nextTimerMs()
    if (next === undefined || next > timeMs) return true
    if (!fold.advanceTo(Math.max(next, fold.position.streamTimeMs), bytesAim)) return false
  }
}
