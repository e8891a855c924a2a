import type { DurationMs } from '../../time.ts'
import { checkDuration, checkOptionNames, type WindowWithoutGrace, withGrace } from './window.ts'

/**
 * Windows of activity: records of a key at most `gap` apart share a session, exactly `gap` apart included.
 *
 * `window` is `[start, end]`, both inclusive: the event times of the session's first and last record. A record that comes
 * late may join two sessions to one. A record is late when the session it would be part of, all that it joins included,
 * had its end more than gap plus grace before stream time: an old record that reaches an open session is taken. The
 * session closes at that same moment. A result's time is the session's end.
 *
 * With updates, a session whose bounds change leaves a tombstone under the old bounds, before the new result.
 *
 * @throws MillraceError `DURATION_INVALID`, `OPTION_UNKNOWN`, `OPTION_INVALID`
 * @example session({ gap: minutes(30) }).grace(minutes(5))
 */
export function session(options: { gap: DurationMs }): WindowWithoutGrace {
  checkOptionNames('session({ gap })', options, ['gap'])
  const gapMs = options.gap
  checkDuration('session({ gap })', 'gap', gapMs, 1)
  return withGrace(`session({ gap: ${gapMs} })`, (graceMs) => ({ kind: 'session', gapMs, graceMs }))
}
