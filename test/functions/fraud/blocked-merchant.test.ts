import { describe, expect, it } from 'vitest'
import { blockedMerchant } from '../../../functions/fraud/blocked-merchant.ts'
import { saidOf } from './rule-fixture.ts'

const shops = (...merchants: readonly string[]) => merchants.map((merchant, at) => ({ merchant, at }))

describe('blocked-merchant: a merchant on the list blocked-merchants', () => {
  it.each([
    { title: 'on the list', payments: shops('Bazaar', 'Harbour Books', 'Bazaar'), said: [0, 2] },
    { title: 'by its whole name', payments: shops('Bazaar Two', 'bazaar'), said: [] },
    { title: 'without the list', payments: shops('Bazaar'), lists: {}, said: [] },
    { title: 'on another list', payments: shops('Bazaar'), lists: { 'trusted-merchants': ['Bazaar'] }, said: [] },
  ])('$title', async ({ payments, lists = { 'blocked-merchants': ['Bazaar', 'Corner'] }, said }) => {
    expect((await saidOf(blockedMerchant, payments, { lists })).map(({ last }) => last)).toEqual(said)
  })

  it('says which list', async () => {
    const [alert] = await saidOf(blockedMerchant, shops('Bazaar'), { lists: { 'blocked-merchants': ['Bazaar'] } })
    expect(alert!.compared).toEqual(['merchant: Bazaar in blocked-merchants'])
  })
})
