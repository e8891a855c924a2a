// In a process of its own: what else has run before, and the memory that it left, would be in the way.
import { spreadOf } from '../stats.ts'
import { Card, type EventCost, type GrowthRequest } from './growth.ts'

process.once('message', (request: GrowthRequest) => {
  process.send!(costsOf(request), () => process.exit(0))
})

/** What an event costs for each size: medians of the rounds. */
function costsOf({ order, sizes, measured, rounds, warmUps }: GrowthRequest): EventCost[] {
  const all: EventCost[][] = []
  for (let round = 0; round < rounds + warmUps; round++) {
    // Grown before the first is measured: the garbage of growing is nobody's.
    const cards = sizes.map((size) => cardsOf(order, size, measured))
    const costs = cards.map((each) => costOf(each, measured))
    // The machine is not as fast in every round: sizes are compared within one.
    const { median } = spreadOf(costs.map((cost) => cost.microsecondsPerEvent))
    if (round >= warmUps) all.push(costs.map((cost) => ({ ...cost, timeInRound: cost.microsecondsPerEvent / median })))
  }
  return sizes.map((_, i) =>
    combined(
      all.map((costs) => costs[i]!),
      (values) => spreadOf(values).median,
    ),
  )
}

/** As many events are measured for each size: of a short run there are several cards. */
function cardsOf(order: GrowthRequest['order'], size: number, measured: number): Card[] {
  const turn = Math.min(measured, Math.max(100, size))
  return Array.from({ length: Math.ceil(measured / turn) }, () => {
    const card = new Card(order)
    card.growTo(size)
    return card
  })
}

function costOf(cards: readonly Card[], measured: number): EventCost {
  return combined(
    cards.map((card) => card.measure(measured / cards.length)),
    meanOf,
  )
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, n) => sum + n, 0) / values.length

const combined = (costs: readonly EventCost[], of: (all: readonly number[]) => number): EventCost => ({
  microsecondsPerEvent: of(costs.map((cost) => cost.microsecondsPerEvent)),
  timeInRound: of(costs.map((cost) => cost.timeInRound)),
  journalBytesPerEvent: of(costs.map((cost) => cost.journalBytesPerEvent)),
  stateBytes: of(costs.map((cost) => cost.stateBytes)),
})
