import type { PatternBounds } from '../../../shared/engine/patterns/limits.ts'
import type { Pattern, PatternBeginning } from '../../../shared/engine/patterns/pattern.ts'
import { pattern } from '../../../shared/engine/patterns/pattern.ts'
import { patternMachine } from '../../../shared/engine/patterns/pattern-machine.ts'
import { type PlayedEvent, type PlayOptions, play } from './play.ts'

export interface Named {
  readonly name: string
}

/** Events written `a1 b@5 c`: a name, and where it matters a time in ms; else one ms after the one before. */
export function written(text: string): PlayedEvent<Named>[] {
  let timeMs = 999
  return text.split(' ').map((word) => {
    const [name, at] = word.split('@') as [string, string | undefined]
    timeMs = at === undefined ? timeMs + 1 : 1_000 + Number(at)
    return { value: { name }, timeMs }
  })
}

/** Fits events whose name starts with one of the letters. */
export const is =
  (letters: string) =>
  (event: Named): boolean =>
    letters.includes(event.name[0]!)

export const arrival = (): PatternBeginning<Named> => pattern<Named>().order('arrival')

/** The matches in the order in which they go out, as the names of their events. */
export function find<Steps>(
  built: Pattern<Named, Steps>,
  text: string,
  options: PlayOptions & Partial<PatternBounds> = {},
): string[] {
  const machine = patternMachine(
    built,
    (match) =>
      match
        .all()
        .map((event) => (event as unknown as { value: Named }).value.name)
        .join(' '),
    options,
  )
  const { results, parked } = play(machine, written(text), options)
  if (parked.length > 0) throw new Error(`parked: ${parked.join(', ')}`)
  return results.map((result) => result.value)
}
