import { MillraceError } from '../../errors.ts'
import type { PatternSpec } from './declaration.ts'
import { boundsMax, type PatternBounds } from './limits.ts'

/** Checks and reads what `bounds` was given: those that are named, the others stay as they are. */
export function boundsSpec(given: unknown, { around, bounds }: PatternSpec): Partial<PatternBounds> {
  const where = '.bounds()'
  if (around !== undefined)
    throw new MillraceError('PATTERN_INVALID', {
      where,
      problem: 'Bounds are those of the whole pattern, and this is a group.',
      fix: 'Move bounds behind the group.',
    })
  if (typeof given !== 'object' || given === null)
    throw new MillraceError('OPTION_INVALID', { where, option: 'bounds', given, must: '{ partialMatchesMax: 500 }' })
  const names = Object.keys(boundsMax) as (keyof PatternBounds)[]
  for (const [option, value] of Object.entries(given)) {
    const name = names.find((each) => each === option)
    if (name === undefined) throw new MillraceError('OPTION_UNKNOWN', { where, option, known: names.join(', ') })
    if (!Number.isSafeInteger(value) || value < 1 || value > boundsMax[name])
      throw new MillraceError('OPTION_INVALID', {
        where,
        option,
        given: value,
        must: `a whole number from 1 to ${boundsMax[name]}`,
      })
  }
  return { ...bounds, ...given }
}
