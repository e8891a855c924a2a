import type { CellChange } from '../../shared/engine/state.ts'

/** All that a journal tells of one cell. */
export interface CellHistory {
  readonly key: string
  readonly id: string
  /** The commit as of which its bucket was written; 0: never. */
  readonly bucketSeq: number
  /** What the bucket holds; undefined: no such cell then. */
  readonly inBucket: CellChange | undefined
  /** What commits of the ring did to it, in order. */
  readonly changes: readonly { readonly seq: number; readonly change: CellChange }[]
}

/** A cell after some commit. 'unknown': the ring has gone round since, and the bucket is of later. */
export type CellThen = { readonly text: string; readonly wakeAtMs: number } | 'absent' | 'unknown'

/** The cell as commit `seq` left it. The ring must hold every commit after `seq`. */
export function cellAt({ bucketSeq, inBucket, changes }: CellHistory, seq: number): CellThen {
  const before = changes.filter((each) => each.seq <= seq)
  if (bucketSeq <= seq)
    return after(
      inBucket,
      before.filter((each) => each.seq > bucketSeq),
    )
  // The bucket is of later: what a commit said in full holds, or what nobody has touched until then.
  const full = before.findLastIndex(({ change }) => change.same !== true)
  if (full >= 0) return after(undefined, before.slice(full))
  const touched = changes.some((each) => each.seq > seq && each.seq <= bucketSeq)
  return touched ? 'unknown' : after(inBucket, [])
}

function after(start: CellChange | undefined, changes: CellHistory['changes']): CellThen {
  let cell: CellThen = start?.text === undefined ? 'absent' : { text: start.text, wakeAtMs: start.wakeAtMs }
  for (const { change } of changes) {
    if (change.same === true) cell = typeof cell === 'string' ? cell : { ...cell, wakeAtMs: change.wakeAtMs }
    else cell = change.text === undefined ? 'absent' : { text: change.text, wakeAtMs: change.wakeAtMs }
  }
  return cell
}
