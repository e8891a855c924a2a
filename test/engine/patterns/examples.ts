import type { PatternBounds } from '../../../shared/engine/patterns/limits.ts'
import type { Match } from '../../../shared/engine/patterns/match.ts'
import type { Pattern, PatternBeginning } from '../../../shared/engine/patterns/pattern.ts'
import { pattern } from '../../../shared/engine/patterns/pattern.ts'
import { patternMachine } from '../../../shared/engine/patterns/pattern-machine.ts'
import { type Played, type PlayedEvent, type PlayOptions, play } from './play.ts'

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
  built: Pattern<Named, Steps, string>,
  text: string,
  options: PlayOptions & Partial<PatternBounds> = {},
): string[] {
  const { results, parked } = playNamed(built, text, options)
  if (parked.length > 0) throw new Error(`parked: ${parked.join(', ')}`)
  return results.map((result) => result.value)
}

/** All that comes of the events, matches as the names of their events. */
export function playNamed<Steps>(
  built: Pattern<Named, Steps, string>,
  text: string,
  options: PlayOptions & Partial<PatternBounds> = {},
): Played<string> {
  const names = (match: Match<Steps>) => namesOf(match.all() as readonly { value: unknown }[])
  const { partialMatchesMax, keptEventsMax, ...played } = options
  const bounds = { ...(partialMatchesMax && { partialMatchesMax }), ...(keptEventsMax && { keptEventsMax }) }
  return play(patternMachine(built.bounds(bounds), names), written(text), played)
}

export const namesOf = (events: readonly { value: unknown }[]): string =>
  events.map((event) => (event.value as Named).name).join(' ')
