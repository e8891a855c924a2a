import { MillraceError } from '../../errors.ts'
import { isDuration } from '../../time.ts'
import { checkCondition, checkLoop, checkOptional, checkQuantifier, checkTimes, refuse, written } from './checks.ts'
import type { PartSpec, StoredCondition } from './declaration.ts'

type Mark = Partial<PartSpec>

/** `times(n)`, `times(from, to)`, either with options. */
export function timesMark(part: PartSpec, before: readonly PartSpec[], given: readonly unknown[]): Mark {
  checkQuantifier(part, 'times')
  const where = `${written(part)}.times()`
  const [from, second, third] = given
  const alone = second === undefined || typeof second === 'object'
  const to = alone ? from : second
  checkTimes(where, alone ? 'n' : 'to', to, 1)
  checkTimes(where, 'from', from, 0)
  if (from > to) refuse(where, `It asks for ${from} to ${to} events.`, 'Write the smaller number first.')
  if (from === 0) checkOptional(part, before)
  const gap = gapMark(where, alone ? second : third)
  return { loop: true, min: Math.max(from, 1), max: to, ...(from === 0 && { optional: true }), ...gap }
}

export function loopMark(part: PartSpec, quantifier: string, n: unknown, options: unknown): Mark {
  checkQuantifier(part, quantifier)
  const where = `${written(part)}.${quantifier}()`
  checkTimes(where, 'n', n, 1)
  return { loop: true, min: n, max: Number.POSITIVE_INFINITY, ...gapMark(where, options) }
}

function gapMark(where: string, options: unknown): Mark {
  if (options === undefined) return {}
  if (typeof options !== 'object' || options === null)
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'options',
      given: options,
      must: '{ gap: seconds(30) }',
    })
  for (const option of Object.keys(options))
    if (option !== 'gap' && option !== 'gapReading')
      throw new MillraceError('OPTION_UNKNOWN', { where, option, known: 'gap, gapReading' })
  const { gap, gapReading: given } = options as { gap?: unknown; gapReading?: unknown }
  const gapReading = given === undefined ? 'every' : given
  if (gapReading !== 'every' && gapReading !== 'flink')
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'gapReading',
      given: gapReading,
      must: "'every' or 'flink'",
    })
  if (gap === undefined && given !== undefined)
    refuse(where, 'gapReading says what a gap limits, and there is none.', 'Give gap as well, or leave gapReading out.')
  if (gap === undefined) return {}
  if (!isDuration(gap, 1)) throw new MillraceError('DURATION_INVALID', { where, option: 'gap', given: gap, min: 1 })
  return { loopGapMs: gap, gapReading }
}

export function greedyMark(part: PartSpec): Mark {
  if (part.kind === 'group')
    refuse(
      written(part),
      'A group cannot be greedy: where it ends is decided by more than one event.',
      'Make the last step of the group greedy, or let go of greedy and skip what is too short with skip.',
    )
  checkLoop(part, 'greedy')
  if (part.inner === 'any')
    refuse(written(part), 'A loop cannot be greedy and allow combinations.', 'Keep one of the two.')
  return { greedy: true } as Mark
}

export function innerMark(part: PartSpec, mark: 'consecutive' | 'allowCombinations'): Mark {
  checkLoop(part, mark)
  if (part.inner !== 'relaxed')
    refuse(
      written(part),
      'A loop is either consecutive or allows combinations, and says so once.',
      'Keep one of the two.',
    )
  if (mark === 'consecutive') return { inner: 'strict' }
  if (part.greedy) refuse(written(part), 'A loop cannot be greedy and allow combinations.', 'Keep one of the two.')
  return { inner: 'any' }
}

export function untilMark(part: PartSpec, condition: unknown): Mark {
  const where = `${written(part)}.until()`
  if (part.max !== Number.POSITIVE_INFINITY)
    refuse(where, 'until ends a loop that has no end of its own.', 'Put atLeast or oneOrMore before it.')
  if (part.until !== undefined) refuse(where, 'The loop has an until already.', 'Join the two conditions with ||.')
  return { until: checkCondition(where, condition) }
}

/** The step's condition joined with another. It looks at the events so far if one of the two does. */
export function joinedMark(part: PartSpec, how: 'where' | 'or', other: StoredCondition): Mark {
  if (part.kind === 'group')
    refuse(written(part), `A group has no condition for ${how} to change.`, 'Put it behind a step of the group.')
  if (part.loop || part.optional || part.until !== undefined)
    refuse(written(part), `${how} comes after another mark of the step.`, `Write ${how} directly after the step.`)
  const first = part.condition
  const joined: StoredCondition =
    how === 'where'
      ? (event, soFar) => first(event, soFar) && other(event, soFar)
      : (event, soFar) => first(event, soFar) || other(event, soFar)
  const alone = first.length < 2 && other.length < 2
  const condition = alone ? (event: unknown) => joined(event, undefined as never) : joined
  return { condition } as Mark
}
