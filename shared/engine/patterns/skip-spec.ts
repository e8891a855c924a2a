import { MillraceError } from '../../errors.ts'
import { refuse } from './checks.ts'
import type { PatternSpec, SkipSpec } from './declaration.ts'

/** Checks and reads what `skip` was given. */
export function skipSpec(strategy: unknown, { skip: chosen, around }: PatternSpec): SkipSpec {
  if (around !== undefined)
    refuse(
      '.skip()',
      'A skip strategy is that of the whole pattern, and this is a group.',
      'Move skip behind the group.',
    )
  if (chosen !== undefined) refuse('.skip()', 'The skip strategy is chosen already.', 'Keep one.')
  if (strategy === 'no-skip' || strategy === 'to-next' || strategy === 'past-last-event') return { kind: strategy }
  const given = (typeof strategy === 'object' ? (strategy ?? {}) : {}) as Record<string, unknown>
  const { toFirst, toLast, onMiss = 'no-skip', ...rest } = given
  const exactlyOne = (typeof toFirst === 'string') !== (typeof toLast === 'string') && Object.keys(rest).length === 0
  if (!exactlyOne || (onMiss !== 'no-skip' && onMiss !== 'error'))
    throw new MillraceError('OPTION_INVALID', {
      where: '.skip()',
      option: 'strategy',
      given: strategy,
      must: "'no-skip', 'to-next', 'past-last-event', { toFirst: step } or { toLast: step }, the latter two with onMiss: 'no-skip' or 'error'",
    })
  const refuseMiss = onMiss === 'error'
  if (typeof toFirst === 'string') return { kind: 'to-first', step: toFirst, refuseMiss }
  return { kind: 'to-last', step: toLast as string, refuseMiss }
}
