import { MillraceError } from '../../errors.ts'
import { idText } from '../aggregates/ids.ts'
import type { Key } from '../key.ts'
import type { Gate } from './gate.ts'

/** How many ids of the key are held. */
const COUNT = 'n'
const ID = 'i'

/**
 * Keeps back what repeats an id of the same key.
 *
 * An id that was let through at event time t is taken until t + `withinMs` (exclusive): a record of the key that carries it
 * and has an earlier event time than that is a repeat, however late it comes. A record at or before stream time -
 * `withinMs` is late, whatever its id: what was let through then may be forgotten, so it cannot be judged.
 *
 * A record at time s is judged while s > stream time - `withinMs`. So an id is held until stream time reaches
 * t + 2 × `withinMs`; after that nothing that it could be a repeat of is judged any more, and inside the horizon the rule
 * is exact. At most `idsMax` ids of a key are held at a time; a new one beyond that parks its record (`DISTINCT_FULL`).
 */
export function distinctGate<In>(by: (value: In) => Key, withinMs: number, idsMax: number): Gate<In> {
  return {
    signature: `distinct(${withinMs})`,
    admit(c, cells, { value, timeMs }) {
      const lateByMs = c.streamTimeMs - withinMs - timeMs
      if (lateByMs >= 0) {
        c.late(lateByMs)
        return false
      }
      const id = ID + idText(by(value))
      const takenAtMs = cells.get(id) as number | undefined
      if (takenAtMs !== undefined && timeMs < takenAtMs + withinMs) {
        c.repeat()
        return false
      }
      if (takenAtMs === undefined) {
        const count = ((cells.get(COUNT) as number | undefined) ?? 0) + 1
        if (count > idsMax) throw new MillraceError('DISTINCT_FULL', { max: idsMax, withinMs })
        cells.put(COUNT, count)
      }
      cells.put(id, timeMs, timeMs + 2 * withinMs)
      return true
    },
    onTimer(cells, id) {
      cells.delete(id)
      const left = (cells.get(COUNT) as number) - 1
      if (left > 0) cells.put(COUNT, left)
      else cells.delete(COUNT)
    },
    size(cells) {
      const ids = cells.get(COUNT) as number | undefined
      return ids === undefined ? 0 : ids + 1
    },
  }
}
