import { MillraceError } from '../errors.ts'
import { journalDefaults } from '../journal/journal.ts'
import type { Stage } from '../processor/plan-types.ts'
import type { Deadline } from './deadline.ts'
import type { Owner } from './owner.ts'
import type { Ports } from './ports.ts'
import { reopen } from './tick-item.ts'

/**
 * Does `one` for each of the pieces in order, in as many commits of kind 'redrive' as it takes; again for those of a
 * commit that was too large, or that another invocation came before. The tick is told before each commit.
 *
 * @returns what `one` gave, of what is committed: all of it
 * @throws MillraceError `DEADLINE` between two commits, `JOURNAL_ITEM_TOO_LARGE` for one piece alone
 */
export async function commitPieces<Piece, Result>(
  stage: Stage,
  ports: Ports,
  owner: Owner,
  pieces: readonly Piece[],
  deadline: Deadline,
  one: (owner: Owner, piece: Piece) => Result,
): Promise<Result[]> {
  const done: Result[] = []
  let most = pieces.length
  let conflicts = 0
  while (done.length < pieces.length) {
    if (deadline.reached) throw deadline.error(done.length, pieces.length)
    const found = pieces.slice(done.length, done.length + most).map((piece) => one(owner, piece))
    const attempted = owner.fold.bytes
    if (owner.fold.hasChanged) await reopen(ports.journal, stage, owner.partition)
    const outcome = owner.fold.hasChanged ? await owner.commit('redrive') : 'written'
    if (outcome === 'written') {
      done.push(...found)
      conflicts = 0
    } else if (outcome === 'refused') await owner.takeInOthers(++conflicts)
    else if (most > 1) most >>= 1
    else throw new MillraceError('JOURNAL_ITEM_TOO_LARGE', { bytes: attempted, max: journalDefaults.commitBytesMax })
  }
  return done
}
