import { MillraceError } from '../errors.ts'
import { journalDefaults } from '../journal/journal.ts'

/** Commits are cut at about this many bytes before compression, so that they seldom turn out too large for an item. */
export const COMMIT_BYTES_AIM = 1_500_000

/** How much is folded into one commit, in bytes before compression: less after one that was too large, then more again. */
export class CommitAim {
  bytes = COMMIT_BYTES_AIM

  /** One event per commit. */
  oneByOne(): void {
    this.bytes = 1
  }

  /**
   * A commit of `attempted` bytes did not fit.
   * @throws MillraceError `JOURNAL_ITEM_TOO_LARGE` when it held one event only
   */
  shrink(attempted: number): void {
    if (this.bytes === 1)
      throw new MillraceError('JOURNAL_ITEM_TOO_LARGE', { bytes: attempted, max: journalDefaults.commitBytesMax })
    this.bytes = Math.max(1, Math.floor(Math.min(attempted, this.bytes) / 2))
  }

  grow(): void {
    this.bytes = Math.min(COMMIT_BYTES_AIM, this.bytes * 2)
  }
}
