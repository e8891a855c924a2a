import { isMillraceError } from '../../errors.ts'
import { type Aggregate, combine } from '../aggregates/aggregate.ts'
import type { ProfileSpec } from './profile.ts'
import type { Case } from './rule.ts'
import { invalid } from './rule-settings.ts'

type Read = (at: Case<unknown, unknown, unknown>) => unknown

/**
 * Tries a rule on a key that was never seen, and on an event without fields and without a time: how far it looks back is
 * mostly all in its parameters. What depends on the event becomes no number and is not judged, and what else the rule
 * throws tells of an event that is none.
 * @param read what the rule reads the profile with
 * @throws MillraceError `SETTINGS_INVALID` when it looks further back than is kept
 */
export function checkLookBack(rule: string, read: Read, profile: ProfileSpec, parameters: unknown): void {
  const event = Object.freeze({})
  try {
    const seen = unseen(`rules.${rule}.parameters`, profile)
    read({ event, timeMs: Number.NaN, seen, parameters, listed: () => false })
  } catch (error) {
    if (isMillraceError(error, 'SETTINGS_INVALID')) throw error
  }
}

/** The features of a key that was never seen. `at`: what is at fault when they are asked for too much. */
function unseen(at: string, { recents, always, previous }: ProfileSpec): Record<string, unknown> {
  const seen: Record<string, unknown> = {}
  for (const { name, feature } of recents)
    seen[name] = (durationMs: number) => {
      if (durationMs > feature.upToMs)
        throw invalid(
          at,
          `seen.${name} would look back ${durationMs} ms, and events are kept for ${feature.upToMs} ms (upTo of the profile)`,
        )
      return empty(combine(feature.aggregates))
    }
  for (const { name, feature } of always) seen[name] = empty(feature.aggregate)
  for (const { name } of previous) seen[name] = undefined
  return seen
}

const empty = <State>(aggregate: Aggregate<unknown, State, object>): object => aggregate.result(aggregate.initialize())
