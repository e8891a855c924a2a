import { Fold } from '../shared/engine/fold.ts'
import { startPosition } from '../shared/engine/fold-spec.ts'
import { State } from '../shared/engine/state.ts'
import { encodeCells, encodeOutbox, zstd } from '../shared/journal/codec.ts'
import type { Stage } from '../shared/processor/index.ts'
import { type Decode, decoder } from '../shared/runtime/decode.ts'
import type { KafkaEvent, KafkaEventRecord } from '../shared/runtime/kafka-event.ts'
import { parkingOf } from '../shared/runtime/parking.ts'
import { addressOutputs } from '../shared/runtime/publish.ts'
import { fixed } from './print.ts'
import { spreadOf } from './stats.ts'

/** The parts of a handler, in the order in which a batch goes through them. */
const parts = ['decode', 'schema', 'fold', 'cells', 'body', 'zstd', 'confirm'] as const
type Part = (typeof parts)[number]

/** What the columns of {@link profileOf} are. */
export const profileColumns = ['processor', ...parts, 'rest', 'handler']

/**
 * Where the time of a handler goes: a row of microseconds per record and part. The parts are timed in
 * a pass of their own, partition by partition as the runtime calls them; `rest` is what the handler takes beside them
 * (publishing, the journal, the upkeep of buckets, the steps of a stage without state).
 */
export async function profileOf(
  stage: Stage,
  events: readonly KafkaEvent[],
  rounds: number,
  handleAll: () => Promise<unknown>,
): Promise<string[]> {
  const count = events.reduce((sum, { records }) => sum + Object.values(records).flat().length, 0)
  const took = Object.fromEntries(parts.map((part) => [part, [] as number[]])) as Record<Part, number[]>
  const whole: number[] = []
  for (let round = 0; round < rounds; round++) {
    globalThis.gc?.()
    const timer = new PartTimer()
    onePass(stage, events, timer)
    for (const part of parts) took[part].push(timer.tookUs[part] / count)
    globalThis.gc?.()
    const startedAt = performance.now()
    await handleAll()
    whole.push(((performance.now() - startedAt) * 1_000) / count)
  }
  const medians = parts.map((part) => spreadOf(took[part]).median)
  const handler = spreadOf(whole).median
  const rest = handler - medians.reduce((sum, each) => sum + each, 0)
  return [stage.id, ...[...medians, rest, handler].map((us) => fixed(us, 2))]
}

class PartTimer {
  readonly tookUs = Object.fromEntries(parts.map((part) => [part, 0])) as Record<Part, number>

  time<T>(part: Part, work: () => T): T {
    const startedAt = performance.now()
    const made = work()
    this.tookUs[part] += (performance.now() - startedAt) * 1_000
    return made
  }
}

function onePass(stage: Stage, events: readonly KafkaEvent[], timer: PartTimer): void {
  const decode = decoder(stage)
  const folds = new Map<number, Fold>()
  for (const { records } of events) {
    for (const list of Object.values(records)) {
      const schemaUs = timeSchema(stage, list, timer)
      const decoded = timer.time('decode', () =>
        list.map((record: KafkaEventRecord): ReturnType<Decode> => decode(record)),
      )
      timer.tookUs.decode -= schemaUs
      if (stage.stateful) foldAndEncode(stage, list[0]!.partition, decoded, folds, timer)
    }
  }
}

/** The check by the schema alone, which decoding includes. @returns microseconds */
function timeSchema(stage: Stage, list: readonly KafkaEventRecord[], timer: PartTimer): number {
  const validate = stage.program.source.schema?.['~standard'].validate
  if (validate === undefined) return 0
  const values = list.map(({ value }) => JSON.parse(Buffer.from(value!, 'base64').toString()))
  const before = timer.tookUs.schema
  timer.time('schema', () => values.map((value) => validate(value)))
  return timer.tookUs.schema - before
}

function foldAndEncode(
  stage: Stage,
  partition: number,
  decoded: readonly ReturnType<Decode>[],
  folds: Map<number, Fold>,
  timer: PartTimer,
): void {
  const fold = folds.get(partition) ?? newFold(stage, partition)
  folds.set(partition, fold)
  timer.time('fold', () => {
    for (const record of decoded) fold.take(record, Number.POSITIVE_INFINITY)
  })
  const changes = timer.time('cells', () => fold.state.changes())
  const outbox = addressOutputs(stage, fold.outputs)
  const body = timer.time('body', () => [...encodeCells(changes), encodeOutbox(outbox)])
  timer.time('zstd', () => zstd.compress(body))
  timer.time('confirm', () => fold.confirm())
}

function newFold(stage: Stage, partition: number): Fold {
  const place = { topic: stage.source.name, partition }
  return new Fold(stage.program.stateful!, parkingOf(stage, partition), place, new State(), startPosition())
}
