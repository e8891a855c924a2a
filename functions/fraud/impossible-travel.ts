import * as z from 'zod'
import { above, all } from '#millrace'
import { card } from './card.ts'
import { kilometresBetween } from './places.ts'

const MS_PER_HOUR = 3_600_000

/** Two payments further apart than an airliner flies in the time between them. Places of payments are rough: near ones do not count. */
export const impossibleTravel = card.rule('impossible-travel', {
  parameters: z.strictObject({ kilometresPerHour: z.number().positive(), kilometres: z.number().positive() }),
  initial: { kilometresPerHour: 1_000, kilometres: 100 },
  when({ event, timeMs, seen: { last }, parameters }) {
    if (last === undefined) return undefined
    const kilometres = kilometresBetween(last.value, event)
    // Two payments at the same moment: at least a second lies between, or any distance would be infinitely fast.
    const elapsedHours = Math.max(1_000, Math.abs(timeMs - last.timeMs)) / MS_PER_HOUR
    return all(
      above('kilometres', kilometres, parameters.kilometres),
      above('kilometres per hour', kilometres / elapsedHours, parameters.kilometresPerHour),
    )
  },
})
