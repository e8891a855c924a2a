import { createHistogram, performance, type RecordableHistogram } from 'node:perf_hooks'
import { dynamoJournalStore } from '../../shared/journal/dynamodb.ts'
import type { StoreUsage } from '../../shared/journal/store.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import type { Ports } from '../../shared/runtime/ports.ts'
import { dynamoTableSink } from '../../shared/sinks/dynamodb.ts'
import { dynamoTableReader } from '../../shared/sinks/dynamodb-reader.ts'
import { dynamoRowOwner } from '../../shared/sinks/dynamodb-row-owner.ts'
import { systemClock } from '../emulator/clock.ts'
import type { StageHandler } from '../emulator/environment.ts'
import { Mapping } from '../emulator/mapping.ts'
import { awsDefaults, type MappingSettings } from '../emulator/settings.ts'
import { refuseWhilePaused } from './pauses.ts'
import type { OnError } from './pipeline.ts'
import type { Places } from './places.ts'
import { JOURNAL_TABLE } from './prepare.ts'

/**
 * Large batches, since what counts here is throughput; one environment per stage, so that it stays warm. A machine that is
 * busy or was asleep is not held against the function, and no record is dropped for its size.
 */
export const laptopSettings: MappingSettings = {
  ...awsDefaults,
  batchRecordsMax: 5_000,
  overrun: 'wait',
  oversize: 'deliver',
}

/** Makes the function of a stage; the real one is `stageHandler`. */
export type HandlerMaker = (stage: Stage, ports: Ports) => StageHandler

/** A stage at work, and what is measured of it. */
export interface StageRun {
  readonly stage: Stage
  readonly mapping: Mapping
  /** Durations of batches in microseconds. */
  readonly durations: RecordableHistogram
  usage(): StoreUsage
}

export interface StageRunOptions {
  readonly places: Places
  readonly newHandler: HandlerMaker
  readonly log: Ports['log']
  readonly onError: OnError
}

/** Puts a stage behind its event source mapping, with ports that count what it costs. */
export function stageRun(stage: Stage, { places, newHandler, log, onError }: StageRunOptions): StageRun {
  const { broker, sink, client, eventSource } = places
  const journal = dynamoJournalStore({ client, table: JOURNAL_TABLE })
  const tables = dynamoTableSink({ client, ownerOf: dynamoRowOwner(client) })
  const durations = createHistogram()
  const rows = dynamoTableReader(client)
  const ports: Ports = { journal, topics: sink, tables, rows, broker, clock: systemClock, log }
  const mapping = new Mapping({
    stage,
    broker,
    clock: systemClock,
    newHandler: () => timed(pausable(stage, newHandler(stage, ports), places.keptDirectory), durations),
    eventSource,
    settings: laptopSettings,
    onError: (error, attempt) => onError(stage, error, attempt),
  })
  const usage = (): StoreUsage => ({
    reads: journal.usage.reads,
    readUnits: journal.usage.readUnits,
    writes: journal.usage.writes + tables.usage.writes,
    writeUnits: journal.usage.writeUnits + tables.usage.writeUnits,
  })
  return { stage, mapping, durations, usage }
}

const pausable =
  (stage: Stage, handler: StageHandler, directory: string | undefined): StageHandler =>
  async (event, context) => {
    refuseWhilePaused(directory, stage, event)
    return handler(event, context)
  }

function timed(handler: StageHandler, durations: RecordableHistogram): StageHandler {
  return async (event, context) => {
    const startedMs = performance.now()
    const report = await handler(event, context)
    if ('records' in event) durations.record(Math.max(1, Math.round((performance.now() - startedMs) * 1_000)))
    return report
  }
}
