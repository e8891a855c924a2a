import type { FoldSpec } from '../engine/fold.ts'
import { behind } from '../engine/gates/gate.ts'
import type { Key } from '../engine/key.ts'
import type { OutputSpec } from '../engine/outputs.ts'
import { days } from '../time.ts'
import type { Draft, DraftOutput } from './draft.ts'
import type { Writer } from './pins.ts'
import type { PlannedTable, PlannedTopic, Stage } from './plan-types.ts'
import type { Program, SettingsSpec, SourceSpec, Target } from './program.ts'
import { physicalTable } from './table.ts'

interface Surroundings {
  readonly topics: ReadonlyMap<string, PlannedTopic>
  readonly tables: ReadonlyMap<string, PlannedTable>
  readonly parked: PlannedTopic
  readonly sourceIsOurs: boolean
  readonly taken: readonly Writer[] | undefined
}

/** The stages of one processor, in the order data flows: a re-key is two stages over an internal topic. */
export function stagesOf(draft: Draft, around: Surroundings): Stage[] {
  if (typeof draft.keyBy !== 'function')
    return [mainStage(draft, around, around.topics.get(draft.source.name)!, undefined)]
  const rekey = rekeyStage(draft, around)
  return [rekey, mainStage(draft, around, around.topics.get(internalTopic(draft).name)!, rekey)]
}

/** The topic between the two stages of a re-key; it has as many partitions as the source. */
export function internalTopic(draft: Draft): PlannedTopic {
  const name = `millrace.${draft.name}.${draft.options.generation}.rekey`
  return {
    name,
    partitions: draft.source.partitions,
    retentionMs: Math.min(draft.source.retentionMs, days(7)),
    compacted: false,
    role: 'internal',
    create: true,
    declaration: undefined,
  }
}

function mainStage(draft: Draft, around: Surroundings, source: PlannedTopic, upstream: Stage | undefined): Stage {
  const targets = draft.outputs.map((output) => targetOf(draft, output, around))
  const outputs = draft.outputs.map(outputSpec)
  const stateful = draft.machine !== undefined
  const fold: FoldSpec | undefined = draft.machine && {
    // After a re-key the steps have been done upstream.
    ops: upstream === undefined ? draft.ops : [],
    machine: behind(draft.gates, draft.machine),
    outputs,
    timeLanes: upstream === undefined ? 0 : upstream.source.partitions,
  }
  const program: Program = {
    signature: fold?.machine.signature ?? 'stateless',
    source:
      upstream === undefined
        ? declaredSource(draft, around, stateful || draft.outputs.some(({ target }) => target.kind === 'table'))
        : internalSource,
    stateless: stateful ? undefined : { ops: draft.ops, outputs, progress: false },
    stateful: fold,
    settings: settingsSpec(draft, around),
    targets,
  }
  return stage(draft, 'main', around, { source, upstream, program, stateful })
}

function rekeyStage(draft: Draft, around: Surroundings): Stage {
  const internal = around.topics.get(internalTopic(draft).name)!
  const keyOf = draft.keyBy as (value: unknown) => Key
  const program: Program = {
    signature: 'rekey',
    source: declaredSource(draft, around, false),
    stateless: {
      // A delete has no value to take the new key from.
      ops: [...draft.ops, { kind: 'filter', keep: (value) => value !== null }],
      outputs: [{ what: 'result', target: 'topic', where: undefined, map: undefined, keyOf, addressed: true }],
      progress: true,
    },
    stateful: undefined,
    settings: undefined,
    targets: [{ kind: 'topic', topic: internal }],
  }
  return stage(draft, 'rekey', around, {
    source: around.topics.get(draft.source.name)!,
    upstream: undefined,
    program,
    stateful: false,
  })
}

function stage(
  draft: Draft,
  name: Stage['name'],
  around: Surroundings,
  parts: { source: PlannedTopic; upstream: Stage | undefined; program: Program; stateful: boolean },
): Stage {
  const { generation, idleAfter, memoryMb, timeout, batchRecords, batchWindow, pollers } = draft.options
  const { targets } = parts.program
  return {
    id: `${draft.name}${name === 'rekey' ? '-rekey' : ''}${generation === 1 ? '' : `.${generation}`}`,
    processor: draft.name,
    generation,
    name,
    stateful: parts.stateful,
    source: parts.source,
    sourceIsOurs: parts.upstream !== undefined || around.sourceIsOurs,
    group: `millrace.${draft.name}.${generation}.${name}`,
    upstream: parts.upstream,
    writesTopics: [
      ...new Set([...targets.flatMap((target) => (target.kind === 'topic' ? [target.topic] : [])), around.parked]),
    ],
    writesTables: [...new Set(targets.flatMap((target) => (target.kind === 'table' ? [target.table] : [])))],
    readsTables: parts.program.settings === undefined ? [] : [parts.program.settings.table],
    rules: parts.stateful ? draft.rules : [],
    journalPrefix: parts.stateful ? `${draft.name}.${generation}.` : undefined,
    idleAfterMs: idleAfter,
    deployment: { memoryMb, timeoutMs: timeout, batchRecordsMax: batchRecords, batchWindowMs: batchWindow, pollers },
    program: parts.program,
  }
}

function declaredSource(draft: Draft, around: Surroundings, keyed: boolean): SourceSpec {
  const { source } = draft
  return {
    schema: source.schema,
    key: keyed
      ? { kind: 'declared', keyOf: source.key as (value: unknown) => Key, format: source.keyFormat }
      : undefined,
    timeOf: source.time as ((value: unknown) => number) | undefined,
    maxFutureMs: source.maxFutureMs,
    taken: around.taken,
  }
}

const internalSource: SourceSpec = {
  schema: undefined,
  key: { kind: 'address' },
  timeOf: undefined,
  maxFutureMs: Number.MAX_SAFE_INTEGER,
  taken: undefined,
}

function targetOf(draft: Draft, { target }: DraftOutput, around: Surroundings): Target {
  if (target.kind === 'topic') return { kind: 'topic', topic: around.topics.get(target.name)! }
  return { kind: 'table', table: around.tables.get(physicalTable(target.name, draft.options.generation))! }
}

function settingsSpec({ settings }: Draft, around: Surroundings): SettingsSpec | undefined {
  if (settings === undefined) return undefined
  const { name, check, table, processor } = settings
  return { name, check, table: around.tables.get(physicalTable(table.name, processor.draft.options.generation))! }
}

function outputSpec({ what, target, where, map }: DraftOutput): OutputSpec {
  const keyOf = target.kind === 'topic' ? (target.key as ((value: unknown) => Key) | undefined) : undefined
  return { what, target: target.kind, where, map, keyOf }
}
