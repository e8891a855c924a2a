import type { DurationMs } from '../../time.ts'
import { checkDuration, type WindowWithoutGrace, withGrace } from './window.ts'

/**
 * Fixed windows that touch and never overlap.
 *
 * Window n covers `[n × size, (n + 1) × size)` in epoch ms: a record on a boundary belongs to the later window.
 * Boundaries count from the epoch, so five-minute windows open at 12:00, 12:05, … UTC. A window closes when stream time
 * reaches its end plus the grace. A result's time is the highest event time inside.
 *
 * @throws MillraceError `DURATION_INVALID`
 * @example tumbling(minutes(5)).grace(seconds(30))
 */
export function tumbling(size: DurationMs): WindowWithoutGrace {
  checkDuration('tumbling(size)', 'size', size, 1)
  return withGrace(`tumbling(${size})`, (graceMs) => ({
    kind: 'single',
    graceMs,
    windowAt(timeMs) {
      const start = timeMs - (timeMs % size)
      return { start, end: start + size }
    },
  }))
}
