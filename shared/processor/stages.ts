import type { FoldSpec } from '../engine/fold-spec.ts'
import { behind } from '../engine/gates/gate.ts'
import type { Key } from '../engine/key.ts'
import type { OutputSpec } from '../engine/outputs.ts'
import { days } from '../time.ts'
import { opsOfInput, signatureOfInputs } from './cogroup.ts'
import { type Draft, type DraftInput, type DraftOutput, isRekeyed } from './draft.ts'
import type { Writer } from './pins.ts'
import type { PlannedTable, PlannedTopic, Stage } from './plan-types.ts'
import type { Program, SettingsSpec, SourceSpec, Target } from './program.ts'
import { physicalTable } from './table.ts'
import type { Topic } from './topic.ts'

interface Surroundings {
  readonly topics: ReadonlyMap<string, PlannedTopic>
  readonly tables: ReadonlyMap<string, PlannedTable>
  readonly parked: PlannedTopic
  readonly isOurs: (topic: Topic) => boolean
  readonly taken: (input: DraftInput) => readonly Writer[] | undefined
}

/**
 * The stages of one processor, in the order data flows: a re-key is two stages over an internal topic, and of several
 * inputs each has a re-key of its own, all of them into one internal topic.
 */
export function stagesOf(draft: Draft, around: Surroundings): Stage[] {
  if (!isRekeyed(draft)) return [mainStage(draft, around, around.topics.get(draft.inputs[0].topic.name)!, [])]
  let timeLanes = 0
  const rekeys = draft.inputs.map((input) => {
    const firstTimeLane = timeLanes
    timeLanes += input.topic.partitions
    return rekeyStage(draft, input, around, firstTimeLane)
  })
  return [...rekeys, mainStage(draft, around, around.topics.get(internalTopic(draft).name)!, rekeys)]
}

/** The topic between the stages of a re-key; it has as many partitions as the source, or as the largest of several. */
export function internalTopic(draft: Draft): PlannedTopic {
  const name = `millrace.${draft.name}.${draft.options.generation}.rekey`
  return {
    name,
    partitions: Math.max(...draft.inputs.map(({ topic }) => topic.partitions)),
    retentionMs: Math.min(Math.max(...draft.inputs.map(({ topic }) => topic.retentionMs)), days(7)),
    compacted: false,
    role: 'internal',
    create: true,
    declaration: undefined,
  }
}

function mainStage(draft: Draft, around: Surroundings, source: PlannedTopic, upstream: readonly Stage[]): Stage {
  const [input] = draft.inputs
  const targets = draft.outputs.map((output) => targetOf(draft, output, around))
  const outputs = draft.outputs.map(outputSpec)
  const stateful = draft.machine !== undefined
  const isFirst = upstream.length === 0
  const fold: FoldSpec | undefined = draft.machine && {
    // After a re-key the steps have been done upstream.
    ops: isFirst ? input.ops : [],
    machine: behind(draft.gates, draft.machine),
    outputs,
    timeLanes: upstream.reduce((sum, stage) => sum + stage.source.partitions, 0),
    holdsKeys: draft.options.park === 'key',
  }
  const program: Program = {
    signature: signatureOfInputs(draft) + (fold?.machine.signature ?? 'stateless'),
    source: isFirst
      ? declaredSource(input, around, stateful || draft.outputs.some(({ target }) => target.kind === 'table'))
      : internalSource,
    stateless: stateful ? undefined : { ops: input.ops, outputs, rekey: undefined },
    stateful: fold,
    settings: settingsSpec(draft, around),
    targets,
  }
  const sourceIsOurs = !isFirst || around.isOurs(input.topic)
  return stage(draft, 'main', around, { source, sourceIsOurs, upstream, program, stateful })
}

function rekeyStage(draft: Draft, input: DraftInput, around: Surroundings, firstTimeLane: number): Stage {
  const internal = around.topics.get(internalTopic(draft).name)!
  const { ops, keyOf } = opsOfInput(input)
  const program: Program = {
    signature: 'rekey',
    source: declaredSource(input, around, input.keyBy === 'topic'),
    stateless: {
      ops,
      outputs: [{ what: 'result', target: 'topic', where: undefined, map: undefined, keyOf, addressed: true }],
      rekey: { firstTimeLane },
    },
    stateful: undefined,
    settings: undefined,
    targets: [{ kind: 'topic', topic: internal }],
  }
  return stage(draft, input.as === undefined ? 'rekey' : `rekey-${input.as}`, around, {
    source: around.topics.get(input.topic.name)!,
    sourceIsOurs: around.isOurs(input.topic),
    upstream: [],
    program,
    stateful: false,
  })
}

function stage(
  draft: Draft,
  name: Stage['name'],
  around: Surroundings,
  parts: Pick<Stage, 'source' | 'sourceIsOurs' | 'upstream' | 'program' | 'stateful'>,
): Stage {
  const { generation, idleAfter, memoryMb, timeout, batchRecords, batchWindow, pollers } = draft.options
  const { targets } = parts.program
  return {
    ...parts,
    id: `${draft.name}${name === 'main' ? '' : `-${name}`}${generation === 1 ? '' : `.${generation}`}`,
    processor: draft.name,
    generation,
    name,
    group: `millrace.${draft.name}.${generation}.${name}`,
    writesTopics: [
      ...new Set([...targets.flatMap((target) => (target.kind === 'topic' ? [target.topic] : [])), around.parked]),
    ],
    writesTables: [...new Set(targets.flatMap((target) => (target.kind === 'table' ? [target.table] : [])))],
    readsTables: parts.program.settings === undefined ? [] : [parts.program.settings.table],
    holdsKeys: parts.stateful && draft.options.park === 'key',
    rules: parts.stateful ? draft.rules : [],
    journalPrefix: parts.stateful ? `${draft.name}.${generation}.` : undefined,
    idleAfterMs: idleAfter,
    deployment: { memoryMb, timeoutMs: timeout, batchRecordsMax: batchRecords, batchWindowMs: batchWindow, pollers },
  }
}

function declaredSource(input: DraftInput, around: Surroundings, keyed: boolean): SourceSpec {
  const { topic } = input
  return {
    schema: topic.schema,
    key: keyed ? { kind: 'declared', keyOf: topic.key as (value: unknown) => Key, format: topic.keyFormat } : undefined,
    timeOf: topic.time as ((value: unknown) => number) | undefined,
    maxFutureMs: topic.maxFutureMs,
    taken: around.taken(input),
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
  const { name, check, rules, table, processor } = settings
  return {
    name,
    check,
    rules,
    table: around.tables.get(physicalTable(table.name, processor.draft.options.generation))!,
  }
}

function outputSpec({ what, target, where, map }: DraftOutput): OutputSpec {
  const keyOf = target.kind === 'topic' ? (target.key as ((value: unknown) => Key) | undefined) : undefined
  return { what, target: target.kind, where, map, keyOf }
}
