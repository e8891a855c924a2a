import * as z from 'zod'
import { above, hours } from '#millrace'
import { card, LOOK_BACK_MS } from './card.ts'

/** More money within a time than the card's holder spends. */
export const velocitySum = card.rule('velocity-sum', {
  parameters: z.strictObject({ withinMs: z.int().positive().max(LOOK_BACK_MS), most: z.number().positive() }),
  initial: { withinMs: hours(1), most: 5_000 },
  quietFor: hours(1),
  when: ({ seen, parameters }) =>
    above('amount within the time', seen.lately(parameters.withinMs).total, parameters.most),
})
