import { addCounts, type Counts, zeroCounts } from '../engine/counts.ts'
import type { FoldRecord } from '../engine/fold-spec.ts'
import type { Identity } from '../engine/lanes.ts'
import { applyOps } from '../engine/ops.ts'
import { type Output, outputLimits, routeOutput } from '../engine/outputs.ts'
import { parkedFor } from '../engine/parked-for.ts'
import { MillraceError } from '../errors.ts'
import type { Stage } from '../processor/plan-types.ts'
import type { OutgoingRecord } from '../sinks/sink.ts'
import type { Deadline } from './deadline.ts'
import { type Decode, recordKey } from './decode.ts'
import { extendIdentity, laneOf } from './identity.ts'
import type { KafkaEventRecord, PartitionReport, RedrivenRecord } from './kafka-event.ts'
import { parkingOf } from './parking.ts'
import type { Ports } from './ports.ts'
import { addProgress, type ProgressSent } from './progress.ts'
import { addressOutputs, type Publication, publish } from './publish.ts'

const RECORDS_BETWEEN_CLOCK_LOOKS = 256

/**
 * Filters and transforms a batch and publishes what comes out, then adds to `reports` what is done: no journal, no database. Outputs are made again when the
 * batch is, with the same identities.
 *
 * @throws MillraceError `DEADLINE` and what the topic sink throws
 */
export async function transformBatch(
  stage: Stage,
  ports: Ports,
  decode: Decode,
  batches: readonly (readonly [number, readonly KafkaEventRecord[]])[],
  progressSent: ProgressSent,
  deadline: Deadline,
  reports: PartitionReport[],
): Promise<void> {
  const publications: Publication[] = []
  const done: PartitionReport[] = []
  const progress = new Map<string, OutgoingRecord[]>()
  let stopped = false
  for (const [partition, records] of batches) {
    const from = publications.length
    const outcome = transformPartition(stage, decode, partition, records, publications, deadline)
    stopped ||= outcome.stopped
    done.push(outcome.report)
    if (stage.program.stateless!.rekey !== undefined)
      addProgress(
        stage,
        ports,
        partition,
        outcome.report.streamTimeMs,
        publications.slice(from),
        progress,
        progressSent,
      )
  }
  await publish(stage, ports, publications, progress)
  reports.push(...done)
  if (!stopped) return
  const read = done.reduce((sum, { counts }) => sum + counts.read, 0)
  throw deadline.error(
    read,
    batches.reduce((sum, [, records]) => sum + records.length, 0),
  )
}

/**
 * Puts out what parked records make after all, each under a lane of its own: in its old place in the lane, readers would
 * take it for a repeat.
 * @throws MillraceError what the sinks throw; the same again is harmless
 */
export async function redriveStateless(
  stage: Stage,
  ports: Ports,
  decode: Decode,
  records: readonly KafkaEventRecord[],
  reports: PartitionReport[],
): Promise<RedrivenRecord[]> {
  const publications: Publication[] = []
  const rekeys = stage.program.stateless!.rekey !== undefined
  const redriven = records.map((raw): RedrivenRecord => {
    const { partition, offset } = raw
    const record = decode(raw)
    if (record.kind === 'progress') return { partition, offset, outcome: 'not parked' }
    const counts = zeroCounts()
    const { outputs } = transformRecord(stage, record, parkingOf(stage, partition), counts)
    if (counts.parked > 0)
      return { partition, offset, outcome: 'refused', ...(record.kind === 'bad' && { code: record.code }) }
    const lane = `redrive/${stage.id}/${partition}/${offset}>${laneOf(stage, partition)}`
    for (const [index, entry] of addressOutputs(stage, outputs).entries())
      publications.push({ entry, identity: { lane, sequence: [offset, index] }, origin: rekeys ? offset : undefined })
    // It was read, and counted as parked, before.
    reports.push(
      reportOf(partition, { ...counts, read: 0, parked: -1 }, offset, record.kind === 'value' ? record.timeMs : -1),
    )
    return { partition, offset, outcome: 'applied' }
  })
  await publish(stage, ports, publications)
  return redriven
}

function transformPartition(
  stage: Stage,
  decode: Decode,
  partition: number,
  records: readonly KafkaEventRecord[],
  publications: Publication[],
  deadline: Deadline,
): { report: PartitionReport; stopped: boolean } {
  const counts = zeroCounts()
  const lane = laneOf(stage, partition)
  const parking = parkingOf(stage, partition)
  const rekeys = stage.program.stateless!.rekey !== undefined
  let streamTimeMs = -1
  let offset = -1
  for (let i = 0; i < records.length; i++) {
    if (i % RECORDS_BETWEEN_CLOCK_LOOKS === 0 && deadline.reached) return { report: report(), stopped: true }
    const record = decode(records[i]!)
    offset = record.offset
    if (record.kind === 'progress') continue
    const { outputs, identity } = transformRecord(stage, record, parking, counts)
    if (record.kind === 'value' && record.timeMs > streamTimeMs) streamTimeMs = record.timeMs
    if (outputs.length === 0) continue
    addressOutputs(stage, outputs).forEach((entry, index) => {
      publications.push({
        entry,
        identity:
          identity === undefined ? { lane, sequence: [record.offset, index] } : extendIdentity(identity, lane, index),
        origin: rekeys && identity !== undefined ? record.offset : undefined,
      })
    })
  }
  return { report: report(), stopped: false }

  function report(): PartitionReport {
    return reportOf(partition, counts, offset, streamTimeMs)
  }
}

const reportOf = (partition: number, counts: Counts, offset: number, streamTimeMs: number): PartitionReport => ({
  partition,
  counts,
  totals: addCounts(counts, zeroCounts()),
  offset,
  seq: 0,
  commits: 0,
  bucketWrites: 0,
  openTimers: 0,
  streamTimeMs,
})

function transformRecord(
  stage: Stage,
  record: Exclude<FoldRecord, { kind: 'progress' }>,
  parking: ReturnType<typeof parkingOf>,
  counts: Counts,
): { outputs: readonly Output[]; identity: Identity | undefined } {
  counts.read++
  if (record.kind === 'other') {
    counts.filtered++
    return { outputs: [], identity: undefined }
  }
  const { identity } = record
  if (record.kind === 'bad') {
    counts.parked++
    return { outputs: [parking.record(record.raw, record.code, record.facts)], identity }
  }
  try {
    const outputs = outputsOf(stage, record)
    if (outputs === undefined) counts.filtered++
    else {
      counts.counted++
      counts.emitted += outputs.length
    }
    return { outputs: outputs ?? [], identity }
  } catch (error) {
    counts.parked++
    const { code, facts } = parkedFor(error, 'record')
    return { outputs: [parking.record(record.raw, code, facts)], identity }
  }
}

/** undefined: the steps let nothing through. */
function outputsOf(stage: Stage, record: Extract<FoldRecord, { kind: 'value' }>): Output[] | undefined {
  const { ops, outputs: specs, rekey } = stage.program.stateless!
  const outputs: Output[] = []
  let passed = false
  let key: string | null | undefined
  let bytes = 0
  applyOps(ops, record.value, (value) => {
    passed = true
    if (key === undefined) key = rekey ? record.address : recordKey(record.raw as KafkaEventRecord)
    routeOutput(specs, 'result', key, value, record.timeMs, undefined, (output) => {
      bytes += output.value?.length ?? 0
      if (bytes > outputLimits.statelessBytesMax)
        throw new MillraceError('OUTPUTS_TOO_MANY', { bytes, max: outputLimits.statelessBytesMax })
      outputs.push(output)
    })
  })
  return passed ? outputs : undefined
}
