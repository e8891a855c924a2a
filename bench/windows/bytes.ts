import { Fold } from '../../shared/engine/fold.ts'
import { startPosition } from '../../shared/engine/fold-spec.ts'
import { State } from '../../shared/engine/state.ts'
import { encodeCells, encodeOutbox, zstd } from '../../shared/journal/codec.ts'
import type { Stage } from '../../shared/processor/index.ts'
import { decoder } from '../../shared/runtime/decode.ts'
import type { KafkaEvent } from '../../shared/runtime/kafka-event.ts'
import { parkingOf } from '../../shared/runtime/parking.ts'
import { addressOutputs } from '../../shared/runtime/publish.ts'

/** What commits hold, in bytes of UTF-8 per 1,000 records that they took; and results per record. */
export interface CommitBytes {
  readonly state: number
  readonly stateCompressed: number
  readonly outbox: number
  readonly outboxCompressed: number
  readonly results: number
}

/** Takes the events with one commit per partition and event, as a handler does that need not cut. Buckets are not in it. */
export function commitBytes(stage: Stage, events: readonly KafkaEvent[]): CommitBytes {
  const decode = decoder(stage)
  const folds = new Map<number, Fold>()
  const sums = { records: 0, state: 0, stateCompressed: 0, outbox: 0, outboxCompressed: 0, results: 0 }
  for (const list of events.flatMap(({ records }) => Object.values(records))) {
    const { partition } = list[0]!
    const fold = folds.get(partition) ?? newFold(stage, partition)
    folds.set(partition, fold)
    for (const record of list) fold.take(decode(record), Number.POSITIVE_INFINITY)
    const cells = encodeCells(fold.state.changes()).join('')
    const outbox = encodeOutbox(addressOutputs(stage, fold.outputs))
    sums.records += list.length
    sums.results += fold.outputs.length
    sums.state += Buffer.byteLength(cells)
    sums.outbox += Buffer.byteLength(outbox)
    sums.stateCompressed += zstd.compress([cells]).length
    sums.outboxCompressed += fold.outputs.length === 0 ? 0 : zstd.compress([outbox]).length
    fold.confirm()
  }
  const perThousand = (n: number) => (n * 1_000) / sums.records
  return {
    state: perThousand(sums.state),
    stateCompressed: perThousand(sums.stateCompressed),
    outbox: perThousand(sums.outbox),
    outboxCompressed: perThousand(sums.outboxCompressed),
    results: sums.results / sums.records,
  }
}

function newFold(stage: Stage, partition: number): Fold {
  const place = { topic: stage.source.name, partition }
  return new Fold(stage.program.stateful!, parkingOf(stage, partition), place, new State(), startPosition())
}
