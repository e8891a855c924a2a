import * as z from 'zod'
import { above, minutes } from '#millrace'
import { card, LOOK_BACK_MS } from './card.ts'

/** More payments within a short time than a person makes. */
export const velocityCount = card.rule('velocity-count', {
  parameters: z.strictObject({ withinMs: z.int().positive().max(LOOK_BACK_MS), most: z.int().positive() }),
  initial: { withinMs: minutes(10), most: 8 },
  quietFor: minutes(10),
  when: ({ seen, parameters }) =>
    above('payments within the time', seen.lately(parameters.withinMs).count, parameters.most),
})
