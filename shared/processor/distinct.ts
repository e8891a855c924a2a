import { distinctGate } from '../engine/gates/distinct.ts'
import type { Gate } from '../engine/gates/gate.ts'
import type { Key } from '../engine/key.ts'
import { MillraceError } from '../errors.ts'
import { type DurationMs, isDuration } from '../time.ts'
import { checkOptions } from './check.ts'

export interface DistinctOptions {
  /** How long after a record, in event time, its id is taken. */
  within: DurationMs
  /** Ids of one key held at a time, 1 to 1,000,000. Default 100,000. */
  max?: number
}

const ID_LIMIT = 1_000_000

/** @throws MillraceError `OPTION_INVALID`, `OPTION_UNKNOWN`, `DURATION_INVALID` */
export function checkedDistinct<T>(where: string, by: (value: T) => Key, options: DistinctOptions): Gate<unknown> {
  checkOptions(where, options, ['within', 'max'])
  const { within, max = 100_000 } = options ?? {}
  if (!isDuration(within, 1))
    throw new MillraceError('DURATION_INVALID', { where, option: 'within', given: within, min: 1 })
  if (!Number.isSafeInteger(max) || max < 1 || max > ID_LIMIT)
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'max',
      given: max,
      must: `a whole number from 1 to ${ID_LIMIT}`,
    })
  return distinctGate(by as (value: unknown) => Key, within, max)
}
