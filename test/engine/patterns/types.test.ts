import { expect, it } from 'vitest'
import { pattern } from '../../../shared/engine/patterns/pattern.ts'
import { patternMachine } from '../../../shared/engine/patterns/pattern-machine.ts'
import { minutes } from '../../../shared/time.ts'

interface Login {
  readonly kind: 'login'
  readonly country: string
}
interface Payment {
  readonly kind: 'payment'
  readonly amount: number
}
type Event = Login | Payment

it('knows the steps and the types of their events', () => {
  const built = pattern<Event>()
    .order('arrival')
    .begin('login', (event): event is Login => event.kind === 'login')
    .followedBy('payment', (event, soFar) => event.kind === 'payment' && soFar.values('login')[0]!.country !== 'AT')
    .notFollowedBy('logout', (event) => event.kind === 'login')
    .within(minutes(1))
  patternMachine(built, (match) => {
    const country: string = match.step('login')[0]!.value.country
    // @ts-expect-error a payment was not narrowed
    const amount: number = match.step('payment')[0]!.value.amount
    // @ts-expect-error no such step
    match.step('refund')
    // @ts-expect-error a NOT has no events
    match.step('logout')
    const first = match.all()[0]!
    return first.step === 'login' ? first.value.country : [country, amount]
  })
  // @ts-expect-error no such step to skip to
  const skipping = () => built.skip({ toFirst: 'refund' })
  expect(skipping).not.toThrow()
})

it('narrows by what a condition says without a type annotation', () => {
  const built = pattern<Event>()
    .order('arrival')
    .begin('payment', (event) => event.kind === 'payment')
  patternMachine(built, (match) => match.step('payment')[0]!.value.amount)
})

it('keeps what a type guard says through where, and gives it up with or', () => {
  const logins = pattern<Event>()
    .order('arrival')
    .begin('login', (event) => event.kind === 'login')
  const abroad = logins.where((login) => login.country !== 'DE')
  patternMachine(abroad, (match) => match.step('login')[0]!.value.country)
  const either = abroad.or((event) => event.kind === 'payment')
  // @ts-expect-error it may be a payment
  patternMachine(either, (match) => match.step('login')[0]!.value.country)
  patternMachine(either.next('payment', (event) => event.kind === 'payment').times(2), (match) => {
    const { kind } = match.step('login')[0]!.value
    return [kind, match.step('payment')[0]!.value.amount]
  })
  expect(either.spec.parts).toHaveLength(1)
})
