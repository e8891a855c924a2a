import { MillraceError } from '../../errors.ts'
import type { DurationMs } from '../../time.ts'
import { windowLimits } from './limits.ts'
import { checkDuration, checkOptionNames, checkWhole, type Window } from './window.ts'

/**
 * All records of a key in one window that never closes; triggers say when its newest result goes out: after every
 * `afterRecords` records, `every` of event time after a change, or whichever comes first. Event time plays no part in what
 * belongs to it, so there is no grace and nothing is late. `.emit(…)` does not apply.
 *
 * `window` is all of time, `[0, 8,640,000,000,000,000]`. A result's time is the highest event time so far.
 *
 * @throws MillraceError `OPTION_INVALID` without a trigger, or unless `afterRecords` is 2 to 1,000,000, `DURATION_INVALID`, `OPTION_UNKNOWN`
 * @example global({ afterRecords: 100, every: minutes(1) })
 */
export function global(options: { afterRecords?: number; every?: DurationMs }): Window<never> {
  const where = 'global({ afterRecords, every })'
  checkOptionNames(where, options, ['afterRecords', 'every'])
  const { afterRecords, every } = options
  if (afterRecords === undefined && every === undefined)
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'trigger',
      given: undefined,
      must: 'given: afterRecords, every, or both. Without one nothing would ever go out',
    })
  if (afterRecords !== undefined) checkWhole(where, 'afterRecords', afterRecords, 2, windowLimits.recordsMax)
  if (every !== undefined) checkDuration(where, 'every', every, 1)
  return Object.freeze<Window<never>>({
    shape: { kind: 'global', afterRecords: afterRecords ?? Number.POSITIVE_INFINITY, everyMs: every },
    modes: [],
    signature: `global(${afterRecords ?? ''},${every ?? ''})`,
  })
}
