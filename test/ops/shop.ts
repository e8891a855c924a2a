import { z } from 'zod'
import { count, processor, sum, topic } from '#millrace'
import { Rig } from '../runtime/rig.ts'
import { memoryTarget } from './memory-target.ts'

export const START = 1_800_000_000_000

export const paid = topic('paid', {
  schema: z.object({ user: z.string(), amount: z.number(), at: z.number() }),
  key: (payment) => payment.user,
  time: (payment) => payment.at,
  partitions: 2,
})
const totals = topic('totals', {
  schema: z.object({ key: z.string(), count: z.number(), total: z.number() }),
  partitions: 1,
})
const large = topic('large', { schema: paid.schema, key: (payment) => payment.user, partitions: 1 })

/** Code with a bug that can be mended while it runs: amounts above 100 fail. */
export const bug = { isThere: true }
const check = (amount: number): number => {
  if (bug.isThere && amount > 100) throw new TypeError('bug')
  return amount
}

export const perUser = processor('per-user')
  .from(paid)
  .keyBy()
  .aggregate({ count: count(), total: sum((payment) => check(payment.amount)) })
  .to(totals)
export const largeOnes = processor('large-ones')
  .from(paid)
  .filter((payment) => check(payment.amount) > 10)
  .to(large)

export const pay = (user: string, amount: number) => ({ user, amount, at: START })

/** A shop whose payments by user u, in partition 0, have all been read, one commit each; the bug is there. */
export async function shop(amounts: readonly number[], settings = {}) {
  bug.isThere = true
  const rig = await Rig.of([perUser, largeOnes], { nowMs: START, settings })
  const read = async (...more: readonly number[]) => {
    for (const amount of more) {
      const [end] = await rig.broker.endOffsets('paid')
      rig.append('paid', 0, 'u', pay('u', amount))
      await rig.environment('per-user')(await rig.batch('per-user', 0, end!))
      await rig.commit('per-user', 0, end! + 1)
    }
  }
  await read(...amounts)
  return { rig, read, target: memoryTarget(rig), plan: rig.plan, stage: rig.stage('per-user') }
}

/** What the processor last said of user u. */
export const newest = async (rig: Rig) => (await rig.read<{ count: number; total: number }>('totals')).at(-1)
