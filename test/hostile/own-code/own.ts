import { z } from 'zod'
import { type Processor, processor, topic } from '#millrace'
import { CANARY, type Outcome } from '../case.ts'

/** Which value makes the code of a case fail. */
export const HOSTILE = 'hostile'
export interface Order {
  readonly card: string
  readonly what: string
  readonly at: number
}

/** What the sources of these processors hold, and where their outputs go. */
export const schema = z.object({ card: z.string(), what: z.string(), at: z.number() })
export const orders = topic('orders', { schema, key: (order) => order.card, time: (order) => order.at })
export const anything = topic('anything', { schema: z.unknown() })
/** True for the record that makes code fail. */
export const isHostile = (order: Order): boolean => order.what === HOSTILE
/** Throws what must not be shown. */
export const fail = (): never => {
  throw new Error(`This message quotes ${CANARY}`)
}
/** A step that throws on the hostile record only. */
export const throwing = (thrown: unknown) => (order: Order) => {
  if (isHostile(order)) throw thrown
  return true
}

/** A processor whose code does something bad with the hostile record, and what must become of that. */
export interface OwnCode {
  readonly id: string
  readonly processor: Processor
  readonly outcome: Outcome
  /** Part of the sentence beside the parked record. */
  readonly says?: string
}

/** A processor called `own`. */
export const own = (
  id: string,
  made: (p: ReturnType<typeof processor>) => Processor,
  outcome: Outcome,
  says?: string,
): OwnCode => ({
  id,
  processor: made(processor('own')),
  outcome,
  ...(says !== undefined && { says }),
})

/** No JSON can say it. */
export const circular: unknown[] = []
circular.push(circular)
