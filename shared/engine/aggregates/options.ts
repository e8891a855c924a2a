import { MillraceError } from '../../errors.ts'
import { type DurationMs, isDuration } from '../../time.ts'

/** @throws MillraceError `OPTION_INVALID` unless `given` is a whole number from `min` to `max` */
export function checkWhole(where: string, option: string, given: unknown, min: number, max: number): void {
  if (!Number.isSafeInteger(given) || (given as number) < min || (given as number) > max)
    refuse(where, option, given, `a whole number from ${min} to ${max}`)
}

/** @throws MillraceError `OPTION_INVALID` unless `given` is a number from `min` to `max` */
export function checkBetween(where: string, option: string, given: unknown, min: number, max: number): void {
  if (typeof given !== 'number' || !(given >= min && given <= max))
    refuse(where, option, given, `a number from ${min} to ${max}`)
}

/** @throws MillraceError `DURATION_INVALID` unless `given` is a duration of at least 1 ms */
export function checkDuration(where: string, option: string, given: unknown): asserts given is DurationMs {
  if (!isDuration(given, 1)) throw new MillraceError('DURATION_INVALID', { where, option, given, min: 1 })
}

/** @throws MillraceError `OPTION_INVALID` for what is no function */
export function checkCallback(where: string, option: string, given: unknown): void {
  if (typeof given !== 'function') refuse(where, option, typeof given, 'a function')
}

/** @throws MillraceError `OPTION_UNKNOWN` for an option that is not in `known`; a typo must not become a silent default. */
export function checkKnown(where: string, options: object, known: readonly string[]): void {
  for (const option of Object.keys(options))
    if (!known.includes(option)) throw new MillraceError('OPTION_UNKNOWN', { where, option, known: known.join(', ') })
}

export function refuse(where: string, option: string, given: unknown, must: string): never {
  throw new MillraceError('OPTION_INVALID', { where, option, given, must })
}
