import * as z from 'zod'
import { above, hours } from '#millrace'
import { card, LOOK_BACK_MS } from './card.ts'

/** One card at more merchants than a person visits. */
export const manyMerchants = card.rule('many-merchants', {
  parameters: z.strictObject({ withinMs: z.int().positive().max(LOOK_BACK_MS), most: z.int().positive() }),
  initial: { withinMs: hours(1), most: 5 },
  quietFor: hours(1),
  when: ({ seen, parameters }) =>
    above('merchants within the time', seen.lately(parameters.withinMs).merchants.count, parameters.most),
})

/** One card in more countries than a person travels through. */
export const manyCountries = card.rule('many-countries', {
  parameters: z.strictObject({ withinMs: z.int().positive().max(LOOK_BACK_MS), most: z.int().positive() }),
  initial: { withinMs: hours(24), most: 3 },
  quietFor: hours(24),
  when: ({ seen, parameters }) =>
    above('countries within the time', seen.lately(parameters.withinMs).countries.count, parameters.most),
})
