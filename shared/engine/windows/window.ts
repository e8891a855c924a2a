import { MillraceError } from '../../errors.ts'
import { type DurationMs, isDuration } from '../../time.ts'

/** A window over event time whose grace has been chosen. */
export interface Window {
  readonly kind: 'tumbling'
  readonly sizeMs: number
  readonly graceMs: number
  /** Part of the state's signature. */
  readonly signature: string
}

/** A window that still needs its grace: how long past a window's end late records are waited for. */
export interface WindowWithoutGrace {
  /** As it was written, for error messages. */
  readonly written: string
  /**
   * A window closes when stream time reaches its end plus `duration`; what comes for it after that is late.
   * @throws MillraceError `DURATION_INVALID`
   */
  grace(duration: DurationMs): Window
}

/**
 * Fixed windows that touch and never overlap.
 *
 * Window n covers `[n × size, (n + 1) × size)` in epoch ms: a record on a boundary belongs to the later window.
 * Boundaries count from the epoch, so five-minute windows open at 12:00, 12:05, … UTC.
 *
 * @throws MillraceError `DURATION_INVALID`
 * @example tumbling(minutes(5)).grace(seconds(30))
 */
export function tumbling(size: DurationMs): WindowWithoutGrace {
  if (!isDuration(size, 1))
    throw new MillraceError('DURATION_INVALID', { where: 'tumbling(size)', option: 'size', given: size, min: 1 })
  return withGrace(`tumbling(${size})`, (graceMs) => ({
    kind: 'tumbling',
    sizeMs: size,
    graceMs,
    signature: `tumbling(${size}).grace(${graceMs})`,
  }))
}

/** Start of the tumbling window that `timeMs` (at least 0) falls in. */
export const windowStart = (timeMs: number, sizeMs: number): number => timeMs - (timeMs % sizeMs)

function withGrace(written: string, make: (graceMs: number) => Window): WindowWithoutGrace {
  return Object.freeze({
    written,
    grace(duration: DurationMs) {
      if (!isDuration(duration))
        throw new MillraceError('DURATION_INVALID', { where: written, option: 'grace', given: duration, min: 0 })
      return Object.freeze(make(duration))
    },
  })
}
