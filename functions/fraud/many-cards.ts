import * as z from 'zod'
import { above, hours } from '#millrace'
import { LOOK_BACK_MS } from './card.ts'
import { device } from './device.ts'

/** One device that pays with more cards than a person owns. */
export const manyCards = device.rule('many-cards', {
  action: 'block',
  parameters: z.strictObject({ withinMs: z.int().positive().max(LOOK_BACK_MS), most: z.int().positive() }),
  initial: { withinMs: hours(24), most: 4 },
  quietFor: hours(24),
  when: ({ seen, parameters }) =>
    above('cards within the time', seen.lately(parameters.withinMs).cards.count, parameters.most),
})
