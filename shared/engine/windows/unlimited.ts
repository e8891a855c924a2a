import { MillraceError } from '../../errors.ts'
import { END_OF_TIME_MS } from '../../time.ts'
import { checkOptionNames, type Window } from './window.ts'

/**
 * One window per key from `from` (epoch ms or a Date, inclusive) to the end of time. It never closes, so it has no grace,
 * nothing is late for it, and its results are updates. A record before `from` belongs to no window: it counts as filtered.
 * `window.end` is the last time there is, 8,640,000,000,000,000.
 *
 * @throws MillraceError `OPTION_INVALID`, `OPTION_UNKNOWN`
 * @example unlimited({ from: Date.UTC(2026, 0, 1) })
 */
export function unlimited(options: { from: number | Date }): Window<'updates'> {
  const where = 'unlimited({ from })'
  checkOptionNames(where, options, ['from'])
  const from = options.from instanceof Date ? options.from.getTime() : options.from
  if (!Number.isSafeInteger(from) || from < 0 || from >= END_OF_TIME_MS)
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'from',
      given: options.from,
      must: 'a Date from 1970 on, or its whole epoch ms',
    })
  const bounds = { start: from, end: END_OF_TIME_MS }
  return Object.freeze<Window<'updates'>>({
    shape: { kind: 'single', graceMs: undefined, windowAt: (timeMs) => (timeMs < from ? undefined : bounds) },
    modes: ['updates'],
    signature: `unlimited(${from})`,
  })
}
