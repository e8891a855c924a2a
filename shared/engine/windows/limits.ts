import { MillraceError } from '../../errors.ts'
import type { CellStore } from '../machine.ts'

/** Named bounds of windows. */
export const windowLimits = {
  /** Hopping windows that a record may belong to: size / advance. */
  windowsPerRecordMax: 1_000,
  /**
   * Open windows, parts of windows and pending updates of one key, together. A record that would open one more is parked
   * with the reason `WINDOWS_TOO_MANY`.
   */
  openPerKeyMax: 200_000,
  /** Records of a count window, and of the trigger of a global one. */
  recordsMax: 1_000_000,
  /** Parts of a count window that slides: records / every, where one divides the other. */
  recordPartsMax: 100_000,
}

/** @throws MillraceError `WINDOWS_TOO_MANY` when the key may not hold one more cell */
export function checkRoom(cells: CellStore): void {
  if (cells.size >= windowLimits.openPerKeyMax)
    throw new MillraceError('WINDOWS_TOO_MANY', { max: windowLimits.openPerKeyMax })
}
