import { BESIDE_BARE_HEADS, besideBare, handleAll } from './beside-bare.ts'
import { transactionEvents } from './data/events.ts'
import type { BenchOptions } from './options.ts'
import { stageOf, TRANSACTION_PROCESSORS } from './parts.ts'
import { fixed, printHeading, printTable, whole } from './print.ts'
import { profileColumns, profileOf } from './profile.ts'

const BATCH_RECORDS = 10_000
// From 3 to 6 minutes of event time: a five-minute window of every card closes on the way.
const FULL = { batches: 30, records: BATCH_RECORDS, firstLine: 300_000, rounds: 9, warmUps: 2, profileRounds: 3 }
const QUICK = { batches: 1, records: 500, firstLine: 0, rounds: 1, warmUps: 0, profileRounds: 1 }
const AIMS: Record<(typeof TRANSACTION_PROCESSORS)[number], number> = {
  'large-transactions': 0.7,
  'card-spend': 0.45,
  'fraud-detection': 0.4,
}

/** How fast the whole handler is beside bare decoding of the same batches. */
export async function handlerSection({ quick, rounds }: BenchOptions): Promise<void> {
  const scale = quick ? QUICK : FULL
  const events = transactionEvents(scale)
  const count = scale.batches * scale.records
  printHeading(
    'handler',
    `Batches of ${whole(scale.records)} transactions of 180 bytes (half of them not ASCII), over 12 partitions and 50,000 skewed cards; ${whole(count)} records a round.`,
    'Bare: base64 to text and JSON.parse of every value. Handler: decode, check, fold, commit to a journal in memory, publish to a sink that counts.',
    'Both take turns; each round has a new handler and an empty journal. Speeds are medians; ratio is handler to bare, by CPU the same of processor time.',
  )
  const rows: string[][] = []
  const profiles: string[][] = []
  for (const name of TRANSACTION_PROCESSORS) {
    const stage = stageOf(name)
    if (stage === undefined) console.log(`${name} is not in functions/index.ts: left out.`)
    else {
      const { cells, done } = await besideBare(stage, events, { ...scale, rounds: rounds ?? scale.rounds })
      rows.push([name, ...cells, fixed(AIMS[name], 2), whole(done.commits), whole(done.outputs)])
      profiles.push(await profileOf(stage, events, scale.profileRounds, () => handleAll(stage, events)))
    }
  }
  printTable(['processor', ...BESIDE_BARE_HEADS, 'aim', 'commits', 'outputs'], rows)
  console.log('\nWhere it goes, in microseconds per record: parts timed by themselves, medians; decode is')
  console.log(
    'without schema; cells: to JSON; body: of the commit; rest: publish, journal, buckets, steps without state.',
  )
  printTable(profileColumns, profiles)
}
