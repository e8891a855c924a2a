import { MillraceError } from '../errors.ts'
import type { Draft, DraftInput } from './draft.ts'

/** A processor in one of its generations, as a writer of topics. */
export interface Writer {
  readonly processor: string
  readonly generation: number
}

/**
 * Whose outputs the processor takes of a topic that it reads: of a writer with several generations the pinned one, of a writer with
 * a single one that. undefined: every record, whoever wrote it.
 *
 * @param writers of the topic, in the list of processors
 * @throws MillraceError `OPTION_INVALID` when a pin is missing, `GENERATION_UNKNOWN` when a writer does not have it
 */
export function takenWriters(
  { name }: Draft,
  { topic, pinnedGeneration }: DraftInput,
  writers: readonly Draft[],
): Writer[] | undefined {
  const all = [...generationsOf(writers)]
  const several = all.filter(([, each]) => each.length > 1)
  if (pinnedGeneration === undefined) {
    if (several.length === 0) return undefined
    throw new MillraceError('OPTION_INVALID', {
      where: `processor(${JSON.stringify(name)}).from()`,
      option: 'generation',
      given: undefined,
      must: `given: ${topic.name} is written by generations ${namesOf(several)}`,
    })
  }
  const isOf = ([, each]: Generations): boolean => each.includes(pinnedGeneration)
  if (several.length > 0 ? !several.every(isOf) : !all.some(isOf))
    throw new MillraceError('GENERATION_UNKNOWN', {
      processor: name,
      generation: pinnedGeneration,
      topic: topic.name,
      known: namesOf(several.length > 0 ? several : all),
    })
  return all.map(([processor, each]) => ({
    processor,
    generation: each.length > 1 ? pinnedGeneration : each[0]!,
  }))
}

type Generations = readonly [processor: string, generations: readonly number[]]

const namesOf = (all: readonly Generations[]): string =>
  all.map(([processor, each]) => `${each.join(', ')} of ${processor}`).join('; ') || 'none'

function generationsOf(writers: readonly Draft[]): Map<string, readonly number[]> {
  const generations = new Map<string, readonly number[]>()
  for (const { name, options } of writers) {
    const known = generations.get(name) ?? []
    if (!known.includes(options.generation)) generations.set(name, [...known, options.generation])
  }
  return generations
}
