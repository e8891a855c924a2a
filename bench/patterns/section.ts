import type { Stage } from '../../shared/processor/index.ts'
import { askChild } from '../ask-child.ts'
import { BESIDE_BARE_HEADS, besideBare } from '../beside-bare.ts'
import { authorizationEvents, transactionEvents } from '../data/events.ts'
import type { BenchOptions } from '../options.ts'
import { stageOf } from '../parts.ts'
import { fixed, printHeading, printTable, whole } from '../print.ts'
import { Card, type EventCost, type GrowthRequest, type Order } from './growth.ts'
import { eightRulesStage, worstCaseStage } from './processors.ts'

const FULL = {
  batches: 12,
  records: 10_000,
  firstLine: 300_000,
  rounds: 7,
  warmUps: 2,
  sizes: [10, 100, 1_000, 10_000, 100_000],
  measured: 5_000,
}
const QUICK = { batches: 1, records: 500, firstLine: 0, rounds: 1, warmUps: 0, sizes: [10, 100], measured: 100 }
type Scale = typeof FULL
/** Each event of the worst case walks up to a thousand partial matches: a few records are enough. */
const WORST_CASE_RECORDS = 1_000

/** Short as they are, they are disturbed easily: so many for each round of the handlers. */
const ROUNDS_OF_GROWTH = 4

/** How fast patterns are found, and what a long run of events of one key costs. */
export async function patternsSection({ quick, rounds }: BenchOptions): Promise<void> {
  const scale: Scale = { ...(quick ? QUICK : FULL), ...(rounds !== undefined && { rounds }) }
  const worst = small(scale)
  printHeading(
    'patterns',
    `Batches of ${whole(scale.records)} transactions over 12 partitions and 50,000 skewed cards; ${whole(scale.batches * scale.records)} records a round, ${whole(worst.batches * worst.records)} in the worst case.`,
    'Whole handlers beside bare decoding of the same batches, as in the section "handler"; both take turns. Worst case: followedByAny with a loop',
    'of combinations that never ends in a match: each card holds as many partial matches as it may, and drops the oldest.',
  )
  const rows: string[][] = []
  for (const [stage, aim] of stages()) rows.push(await compared(stage, stage === worstCaseStage ? worst : scale, aim))
  const cardRules = stageOf('card-rules')
  if (cardRules !== undefined) rows.push(await compared(cardRules, scale, '', authorizationEvents))
  const heads = ['processor', ...BESIDE_BARE_HEADS, 'aim', 'matches', 'dropped', 'parked']
  printTable(heads, rows)
  console.log(
    'Dropped: partial matches given up at their bound of 1,000 a card. card-rules: the ten fraud rules, on authorizations,',
  )
  console.log('of which the hottest card has more than the 1,000 that rules look back on.')
  for (const order of ['arrival', 'event-time'] as const) await growth(order, scale)
}

function stages(): [Stage, string][] {
  const shipped = stageOf('fraud-detection')
  return [
    ...(shipped === undefined ? [] : [[shipped, '0.40'] as [Stage, string]]),
    [eightRulesStage, '0.25'],
    [worstCaseStage, ''],
  ]
}

const small = (scale: Scale): Scale => ({
  ...scale,
  batches: Math.ceil(scale.batches / 10),
  records: Math.min(scale.records, WORST_CASE_RECORDS),
  rounds: Math.min(scale.rounds, 3),
  warmUps: Math.min(scale.warmUps, 1),
})

async function compared(stage: Stage, scale: Scale, aim: string, eventsOf = transactionEvents): Promise<string[]> {
  const { cells, done } = await besideBare(stage, eventsOf(scale), scale)
  return [stage.id, ...cells, aim, whole(done.outputs), whole(done.partialMatchesDropped), whole(done.parked)]
}

/** The cost of an event by how many events its card has open. */
async function growth(order: Order, { sizes, measured, rounds, warmUps }: Scale): Promise<void> {
  const turns = { rounds: ROUNDS_OF_GROWTH * rounds, warmUps: ROUNDS_OF_GROWTH * warmUps }
  const request: GrowthRequest = { order, sizes, measured, ...turns }
  const costs = await askChild<EventCost[]>(new URL('growth-child.ts', import.meta.url), request)
  console.log(
    `\nOne card, small payments inside the window, ${order === 'arrival' ? 'in arrival order' : 'in event time with 10 ms of grace'}:`,
  )
  printTable(
    ['open events', 'µs an event', 'in its round', 'journal bytes an event', 'state bytes'],
    costs.map((cost, i) => [
      whole(sizes[i]!),
      fixed(cost.microsecondsPerEvent, 2),
      fixed(cost.timeInRound, 2),
      whole(cost.journalBytesPerEvent),
      whole(cost.stateBytes),
    ]),
  )
  const factor = (of: (cost: EventCost) => number) => {
    const all = costs.map(of)
    return fixed(Math.max(...all) / Math.min(...all), 2)
  }
  console.log(
    `Largest to smallest: time in its round ${factor((cost) => cost.timeInRound)}, bytes ${factor((cost) => cost.journalBytesPerEvent)} (aim: at most 1.5).`,
  )
  const card = new Card(order)
  card.growTo(sizes.at(-1)!)
  const { named, more } = card.match()
  console.log(`A match of ${whole(named + more)} events names ${whole(named)} and counts ${whole(more)}.`)
}
