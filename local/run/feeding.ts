import { join } from 'node:path'
import type { RunOptions } from '../cli/options.ts'
import { type Clock, systemClock } from '../emulator/clock.ts'
import { Feeder } from '../feed/feeder.ts'
import { openLedger } from '../feed/ledger.ts'
import type { Places } from './places.ts'
import type { StageRun } from './stage-run.ts'

/** In the data directory: the account of what has been fed. */
export const LEDGER = 'feeds.json'
/** The slowest reader may be this many records behind. */
const WAITING_MAX = 100_000
const LOOK_AFTER_RECORDS = 5_000
const PAUSE_MS = 20

/** The feeder of a run. With a directory that is kept, it goes on where an earlier one was stopped or killed. */
export async function newFeeder(options: RunOptions, places: Places, stages: readonly StageRun[]): Promise<Feeder> {
  const { source, fedTopics, ratePerSecond, plan } = options
  const { keptDirectory, sink, broker } = places
  const fed = keptDirectory && (await openLedger(join(keptDirectory, LEDGER), source.id, fedTopics, broker))
  const topics = plan.topics.filter(({ name }) => fedTopics.includes(name))
  const readers = stages.filter(({ stage }) => fedTopics.includes(stage.source.name))
  return new Feeder({
    source,
    topics: new Map(topics.map((topic) => [topic.name, topic])),
    sink,
    clock: systemClock,
    fed: fed || new Map(),
    ratePerSecond,
    room: roomBehind(readers, systemClock),
  })
}

/** Waits while the slowest reader is too far behind; looks only now and then. */
function roomBehind(readers: readonly Pick<StageRun, 'mapping'>[], clock: Clock): (records: number) => Promise<void> {
  let unseen = 0
  return async (records) => {
    unseen += records
    if (unseen < LOOK_AFTER_RECORDS) return
    unseen = 0
    while (Math.max(...(await Promise.all(readers.map(({ mapping }) => mapping.lag())))) > WAITING_MAX)
      await clock.sleep(PAUSE_MS)
  }
}
