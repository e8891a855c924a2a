import { MillraceError } from '../../errors.ts'
import type { DurationMs } from '../../time.ts'
import { windowLimits } from './limits.ts'
import { checkDuration, checkOptionNames, checkWhole, type Window } from './window.ts'

/**
 * Every `records` records of a key make a window, in order of arrival: event time plays no part, so there is no grace and
 * nothing is late. The result goes out with the last of them. A window that is not full waits; with `within`, it goes out
 * as it is when stream time has moved on by that much since its first record came.
 *
 * `window` is `[start, end]`, both inclusive: the offsets of its first and its last record in the partition that the
 * processor reads. A result's time is the highest event time inside.
 *
 * @throws MillraceError `OPTION_INVALID` unless `records` is 1 to 1,000,000, `DURATION_INVALID`, `OPTION_UNKNOWN`
 * @example everyRecords(100, { within: minutes(10) })
 */
export function everyRecords(records: number, options: { within?: DurationMs } = {}): Window<'final'> {
  const where = 'everyRecords(records)'
  checkWhole(where, 'records', records, 1, windowLimits.recordsMax)
  checkOptionNames(where, options, ['within'])
  if (options.within !== undefined) checkDuration(where, 'within', options.within, 1)
  return Object.freeze<Window<'final'>>({
    shape: { kind: 'every-records', records, withinMs: options.within },
    modes: ['final'],
    signature: `everyRecords(${records}${options.within === undefined ? '' : `, { within: ${options.within} }`})`,
  })
}

/**
 * After every `every` records of a key, a window of its last `records` records, in order of arrival (fewer, while the key
 * has had fewer). Event time plays no part: there is no grace and nothing is late.
 *
 * `window` is `[start, end]`, both inclusive: the offsets of its first and its last record in the partition that the
 * processor reads. A result's time is the highest event time inside. What the next window needs stays in state for ever.
 *
 * @throws MillraceError `OPTION_INVALID` unless both are 1 to 1,000,000, `every` is at most `records`, and together they
 * make at most 100,000 parts; `OPTION_UNKNOWN`
 * @example lastRecords(100, { every: 10 })
 */
export function lastRecords(records: number, options: { every: number }): Window<'final'> {
  const where = 'lastRecords(records, { every })'
  checkWhole(where, 'records', records, 1, windowLimits.recordsMax)
  checkOptionNames(where, options, ['every'])
  const { every } = options
  checkWhole(where, 'every', every, 1, records)
  if (Math.ceil(records / every) > windowLimits.recordPartsMax)
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'every',
      given: every,
      must: `at least records / ${windowLimits.recordPartsMax}`,
    })
  return Object.freeze<Window<'final'>>({
    shape: { kind: 'last-records', records, every },
    modes: ['final'],
    signature: `lastRecords(${records}, { every: ${every} })`,
  })
}
