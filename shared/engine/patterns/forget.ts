import type { Context } from '../machine.ts'
import { defaultBounds } from './limits.ts'

/**
 * Deletes cells that nothing will read again, those whose names begin with `prefix`: as many as one event may. `fired` is
 * the one of them whose timer has fired; it goes last, and comes again at once while there are others.
 */
export function forget(c: Context<unknown>, prefix: string, fired: string): void {
  const others = c.cells.range(prefix, `${prefix}\uffff`).filter(([id]) => id !== fired)
  for (const [id] of others.slice(0, defaultBounds.deletesMax)) c.cells.delete(id)
  if (others.length > defaultBounds.deletesMax) c.cells.put(fired, c.cells.get(fired), c.streamTimeMs)
  else c.cells.delete(fired)
}
