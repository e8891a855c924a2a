import { seconds } from '../../../shared/time.ts'
import { AT, both, type HostileCase, type Outcome, tx, txWith } from '../case.ts'

const YEAR_2099_MS = Date.UTC(2099, 0, 1)

const at = (id: string, literal: string, outcome: Outcome): HostileCase =>
  both(`time: ${id}`, { value: txWith('at', literal) }, outcome)
/** In order, but long ago: its window has been closed. */
const old = (id: string, literal: string): HostileCase => ({ ...at(id, literal, 'late'), largeTransactions: 'counted' })

/** Event times and timestamps. */
export const times: readonly HostileCase[] = [
  at('the year 2099', String(YEAR_2099_MS), 'TIME_FUTURE'),
  at('the end of time', '8640000000000000', 'TIME_FUTURE'),
  at('beyond the end of time', '9007199254740991', 'TIME_FUTURE'),
  at('microseconds', `${AT}000`, 'TIME_FUTURE'),
  at('nanoseconds', `${AT}000000`, 'NUMBER_UNSAFE'),
  at('as far ahead as allowed', String(AT + seconds(60)), 'counted'),
  at('one millisecond further', String(AT + seconds(60) + 1), 'TIME_FUTURE'),
  at('before 1970', '-1', 'TIME_INVALID'),
  at('long before 1970', '-9007199254740991', 'TIME_INVALID'),
  at('half a millisecond', `${AT}.5`, 'TIME_INVALID'),
  at('a tiny fraction', '1e-9', 'TIME_INVALID'),
  at('infinite', '1e999', 'NUMBER_UNSAFE'),
  at('a text', '"2025-11-24T16:00:00Z"', 'SCHEMA'),
  at('none', 'null', 'SCHEMA'),
  old('1970', '0'),
  old('minus zero', '-0'),
  old('seconds instead of milliseconds', String(AT / 1_000)),
  old('a day ago', String(AT - 86_400_000)),
  both('time: a timestamp of 0', { timestamp: 0 }, 'TIME_FUTURE'),
  both('time: a timestamp of -1, as old clients have it', { timestamp: -1 }, 'TIME_FUTURE'),
  both('time: a timestamp of -1 on what is parked anyway', { timestamp: -1, value: 'x' }, 'NOT_JSON'),
  both('time: a timestamp ahead of all', { timestamp: YEAR_2099_MS }, 'counted'),
  {
    ...both('time: all good', { value: JSON.stringify(tx()) }, 'counted'),
    result: { cardSpend: { count: 1, total: 5_000 } },
  },

  at('beyond what a number holds', `${AT}0000000000`, 'NUMBER_UNSAFE'),
  at('one millisecond less than as far ahead as allowed', String(AT + seconds(60) - 1), 'counted'),
  at('the largest whole number', '9007199254740991.0', 'TIME_FUTURE'),
  at('a fraction that is none', `${AT}.0`, 'counted'),
  at('an exponent', `${AT / 1_000}e3`, 'counted'),
  at('a very small fraction over', `${AT}.001`, 'TIME_INVALID'),
  at('minus a half', '-0.5', 'TIME_INVALID'),
  at('minus infinity', '-1e999', 'NUMBER_UNSAFE'),
  at('an array', `[${AT}]`, 'SCHEMA'),
  at('an object', `{"$date":${AT}}`, 'SCHEMA'),
  at('true', 'true', 'SCHEMA'),
  at('an empty text', '""', 'SCHEMA'),
  old('1 ms', '1'),
  old('a tiny number that is 0', '1e-400'),
  old('2001', '1000000000000'),
  ...[1, 59_999, 60_000].map((skew) =>
    both(`time: a timestamp ${skew} ms behind`, { timestamp: AT - skew }, 'counted'),
  ),
  both('time: a timestamp 60,001 ms behind', { timestamp: AT - 60_001 }, 'TIME_FUTURE'),
  both('time: the smallest timestamp', { timestamp: Number.MIN_SAFE_INTEGER }, 'TIME_FUTURE'),
  both('time: the largest timestamp', { timestamp: Number.MAX_SAFE_INTEGER }, 'counted'),
]
