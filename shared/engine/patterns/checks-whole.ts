import { nameOf, refuse, written } from './checks.ts'
import { allParts, isElastic, isNot, type PartSpec, type PatternSpec, stepsOf } from './declaration.ts'
import { patternLimits } from './limits.ts'

/** What a function that describes a pattern has returned. @throws MillraceError `PATTERN_INVALID` for anything else */
export function specOf(described: unknown): PatternSpec {
  const spec = (described as { spec?: PatternSpec } | undefined)?.spec
  if (spec?.parts === undefined)
    refuse(
      'pattern()',
      'The function does not return a pattern.',
      "Return what begins with the given start: (p) => p.order('arrival').begin('a', …).",
    )
  return spec
}

/** Checks that hold for the whole pattern only. Order: structure first, then names that refer to it. */
export function checkPattern(spec: PatternSpec): void {
  const { parts, around } = spec
  if (around !== undefined)
    refuse('pattern()', 'A group was given as a pattern.', 'Return the pattern that holds the group.')
  const steps = stepsOf(parts)
  const conditions = steps.length + allParts(parts).filter((part) => part.until !== undefined).length
  if (conditions > patternLimits.conditionsMax)
    refuse(
      written(parts.at(-1)!),
      `The pattern has ${conditions} conditions, and ${patternLimits.conditionsMax} is the most.`,
      'Split it into two rules.',
    )
  if (parts.every((part) => isNot(part) || part.optional))
    refuse(written(parts[0]!), 'Every step is optional: nothing would be a match.', 'Make at least one step required.')
  checkAbsences(spec)
  for (const part of allParts(parts)) checkGap(part, spec)
  checkSkip(spec)
}

function checkAbsences({ parts, withinMs }: PatternSpec): void {
  const last = parts.at(-1)!
  const end = parts.slice(parts.findLastIndex((part) => !isNot(part)) + 1)
  const gapped = end.some((part) => Number.isFinite(part.gapMs))
  if (last.verb === 'notFollowedBy' && withinMs === undefined && !gapped)
    refuse(
      written(last),
      'A pattern that ends with notFollowedBy is complete when its window ends, and this one has none.',
      'Say how long to wait: .within(minutes(5)).',
    )
  const taking = parts[parts.length - end.length - 1]
  if (gapped && taking !== undefined && (taking.kind === 'group' || isElastic(taking)))
    refuse(
      written(last),
      `${nameOf(taking)} may go on while withinPrevious waits for its absence to be proven.`,
      'Say how long the whole match lasts: .within(minutes(5)).',
    )
  checkProof(parts)
}

/** Within a pattern, and within a group, something required follows each NOT, or nothing at all. */
function checkProof(parts: readonly PartSpec[]): void {
  for (const part of parts) if (part.kind === 'group') checkProof(part.parts)
  const lastNot = parts.findLastIndex(isNot)
  const after = parts.slice(lastNot + 1)
  if (lastNot >= 0 && after.length > 0 && after.every((part) => part.optional))
    refuse(
      written(parts[lastNot]!),
      'After this NOT all is optional: nothing says when the absence is proven.',
      'End with the NOT and a window, or make a step after it required.',
    )
}

function checkGap(part: PartSpec, { parts, withinMs = Number.POSITIVE_INFINITY }: PatternSpec): void {
  const { gapMs, loopGapMs } = part
  for (const ms of [gapMs, loopGapMs])
    if (Number.isFinite(ms) && ms > withinMs)
      refuse(
        written(part),
        `A gap of ${ms} ms can never be reached within the ${withinMs} ms of the whole match.`,
        'Shorten the gap, or lengthen the window.',
      )
  if (Number.isFinite(gapMs) && part.verb === 'notFollowedBy' && part !== parts.at(-1) && !isNot(parts.at(-1)!))
    refuse(
      written(part),
      'In the middle of a pattern a NOT ends with the step after it, not with time.',
      'Give withinPrevious to the step after it.',
    )
}

function checkSkip({ parts, skip }: PatternSpec): void {
  if (skip === undefined || !('step' in skip)) return
  const steps = stepsOf(parts)
  const target = steps.find((step) => step.name === skip.step)
  if (target === undefined)
    refuse(
      '.skip()',
      `There is no step called ${JSON.stringify(skip.step)}.`,
      `Steps are: ${steps
        .filter((step) => !isNot(step))
        .map((step) => step.name)
        .join(', ')}.`,
    )
  if (isNot(target))
    refuse(
      '.skip()',
      `${JSON.stringify(skip.step)} is a NOT: it has no event to skip to.`,
      'Name a step that takes events.',
    )
}
