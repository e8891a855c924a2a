import { memoryJournalStore } from '../shared/journal/memory.ts'
import type { Stage } from '../shared/processor/index.ts'
import { type StageHandler, stageHandler } from '../shared/runtime/handler.ts'
import type { KafkaEvent } from '../shared/runtime/kafka-event.ts'
import { context, countingPorts } from './parts.ts'
import { fixed, whole } from './print.ts'
import { alternate, perSecond, ratios, spreadOf, type Took } from './stats.ts'

/** Columns of {@link besideBare}. */
export const BESIDE_BARE_HEADS = ['bare rec/s', 'handler rec/s', 'ratio', 'min', 'max', 'by CPU']

/**
 * The whole handler beside bare decoding of the same events, which take turns: the cells of {@link BESIDE_BARE_HEADS},
 * and what the handler did in the last round.
 */
export async function besideBare(
  stage: Stage,
  events: readonly KafkaEvent[],
  scale: { readonly batches: number; readonly records: number; readonly rounds: number; readonly warmUps: number },
): Promise<{ cells: string[]; done: Handled }> {
  // Held while the next round begins: without any state left, the shapes of its objects would be forgotten, and the code
  // that was compiled for them. In a function that runs on, that never happens.
  let done: Handled | undefined
  const durations = await alternate(
    scale,
    () => decodeBare(events),
    async () => {
      done = await handleAll(stage, events)
    },
  )
  const ratio = spreadOf(ratios(durations, 'durationMs'))
  const speed = (tooks: readonly Took[]) =>
    whole(perSecond(scale.batches * scale.records, spreadOf(tooks.map(({ durationMs }) => durationMs)).median))
  const shares = [ratio.median, ratio.min, ratio.max, spreadOf(ratios(durations, 'cpuMs')).median]
  return { cells: [speed(durations.a), speed(durations.b), ...shares.map((share) => fixed(share, 3))], done: done! }
}

/** The least that any handler does with a batch. @returns something made of every value, so that none is left out */
export function decodeBare(events: readonly KafkaEvent[]): number {
  let sum = 0
  for (const { records } of events)
    for (const list of Object.values(records))
      for (const { value } of list) sum += JSON.parse(Buffer.from(value!, 'base64').toString()).amount
  return sum
}

/** What a handler has done, and the handler itself: as long as it is held, so is its state. */
export interface Handled {
  readonly handler: StageHandler
  readonly read: number
  readonly commits: number
  readonly outputs: number
  readonly parked: number
  readonly partialMatchesDropped: number
}

/** Gives the events, in order, to a new handler over an empty journal. */
export async function handleAll(stage: Stage, events: readonly KafkaEvent[]): Promise<Handled> {
  const ports = countingPorts(memoryJournalStore())
  const handler = stageHandler(stage, ports)
  let commits = 0
  let read = 0
  let parked = 0
  let partialMatchesDropped = 0
  for (const event of events) {
    const { partitions } = await handler(event, context)
    for (const partition of partitions) {
      commits += partition.commits
      read += partition.counts.read
      parked += partition.counts.parked
      partialMatchesDropped += partition.counts.partialMatchesDropped
    }
  }
  const outputs = ports.published.records + ports.published.rows
  return { handler, commits, read, outputs, parked, partialMatchesDropped }
}
