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
]
