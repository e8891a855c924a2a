import { MillraceError } from '../errors.ts'
import { days } from '../time.ts'
import { type Draft, isRekeyed } from './draft.ts'
import type { Processor } from './outputs.ts'
import { takenWriters } from './pins.ts'
import type { Plan, PlannedTable, PlannedTopic, Stage } from './plan-types.ts'
import { internalTopic, stagesOf } from './stages.ts'
import { physicalTable } from './table.ts'
import type { Topic } from './topic.ts'

/** Where records go that cannot be processed: one topic for all processors of the list. */
export const PARKED_TOPIC = 'millrace-parked'

/**
 * Everything that follows from a list of processors: stages, topics, tables. Order is the list's order.
 *
 * @throws MillraceError `OUTPUT_MISSING`, `DUPLICATE`, `GENERATION_UNKNOWN`, `OPTION_INVALID`, `TABLE_NEEDS_KEY`
 */
export function plan(processors: readonly Processor[]): Plan {
  const drafts = processors.map((processor) => checkDraft(processor))
  refuseDuplicates(drafts)
  const topics = planTopics(drafts)
  const writers = writersOf(drafts)
  const tables = planTables(drafts)
  const planned = drafts.map((draft) => {
    checkSettingsListed(draft, drafts)
    refuseMixedRows(draft, writers)
    const stages = stagesOf(draft, {
      topics,
      tables,
      parked: topics.get(PARKED_TOPIC)!,
      isOurs: (topic) => writers.has(topic.name),
      taken: (input) => takenWriters(draft, input, writers.get(input.topic.name) ?? []),
    })
    return { name: draft.name, generation: draft.options.generation, stages }
  })
  const stages: Stage[] = planned.flatMap((each) => each.stages)
  refuseSameIds(stages)
  return {
    processors: planned,
    stages,
    topics: [...topics.values()],
    tables: [...tables.values()],
    parkedTopic: topics.get(PARKED_TOPIC)!,
  }
}

function checkDraft(processor: Processor): Draft {
  const draft = processor?.draft
  if (draft === undefined)
    throw new MillraceError('OPTION_INVALID', {
      where: 'plan(processors)',
      option: 'processors',
      given: typeof processor,
      must: 'processors that end with .to(…)',
    })
  if (!draft.outputs.some((output) => output.what === 'result'))
    throw new MillraceError('OUTPUT_MISSING', { processor: draft.name })
  return draft
}

function refuseDuplicates(drafts: readonly Draft[]): void {
  const seen = new Set<string>()
  for (const { name, options } of drafts) {
    const id = `${name}.${options.generation}`
    if (seen.has(id))
      throw new MillraceError('DUPLICATE', {
        what: 'processors',
        name,
        where: `generation ${options.generation}`,
        fix: 'Rename one of them, or raise the generation of the newer.',
      })
    seen.add(id)
  }
}

/** The re-key stage of `x` is called `x-rekey`, as a processor may be. */
function refuseSameIds(stages: readonly Stage[]): void {
  const seen = new Set<string>()
  for (const { id } of stages) {
    if (seen.has(id)) throw new MillraceError('DUPLICATE', { what: 'stages', name: id })
    seen.add(id)
  }
}

/** Which processors (and generations) write each topic. */
function writersOf(drafts: readonly Draft[]): Map<string, Draft[]> {
  const writers = new Map<string, Draft[]>()
  for (const draft of drafts)
    for (const { target } of draft.outputs)
      if (target.kind === 'topic') writers.set(target.name, [...(writers.get(target.name) ?? []), draft])
  return writers
}

/** Settings that nobody applies would never change. */
function checkSettingsListed({ name, settings }: Draft, drafts: readonly Draft[]): void {
  if (settings === undefined || drafts.includes(settings.processor.draft)) return
  throw new MillraceError('OPTION_INVALID', {
    where: `processor(${JSON.stringify(name)})`,
    option: 'settings',
    given: settings.name,
    must: 'applied by a processor of the same list: add its .processor there',
  })
}

/** Without a state, outputs keep the identity of what was read: of one key those of several lanes may come. */
function refuseMixedRows(draft: Draft, writers: Map<string, Draft[]>): void {
  const table = draft.outputs.find(({ target }) => target.kind === 'table')?.target.name
  const { topic } = draft.inputs[0]
  if (draft.machine !== undefined || table === undefined || !writers.has(topic.name)) return
  throw new MillraceError('TABLE_NEEDS_KEY', {
    processor: draft.name,
    table,
    topic: topic.name,
    problem: 'which processors of the list write',
    fix: 'Go by its key: .keyBy() and an aggregate, such as last((value) => value).',
  })
}

function planTopics(drafts: readonly Draft[]): Map<string, PlannedTopic> {
  const topics = new Map<string, PlannedTopic>()
  const written = writersOf(drafts)
  const add = (declared: Topic) => {
    const known = topics.get(declared.name)
    if (known !== undefined && known.declaration !== declared)
      throw new MillraceError('DUPLICATE', {
        what: 'topics',
        name: declared.name,
        fix: 'Declare it once in topics.ts and import it.',
      })
    topics.set(declared.name, {
      name: declared.name,
      partitions: declared.partitions,
      retentionMs: declared.retentionMs,
      compacted: declared.compacted,
      role: written.has(declared.name) ? 'output' : 'source',
      create: !declared.exists,
      declaration: declared,
    })
  }
  for (const draft of drafts) {
    for (const { topic } of draft.inputs) add(topic)
    for (const { target } of draft.outputs) if (target.kind === 'topic') add(target)
    if (isRekeyed(draft)) {
      const internal = internalTopic(draft)
      topics.set(internal.name, internal)
    }
  }
  topics.set(PARKED_TOPIC, {
    name: PARKED_TOPIC,
    partitions: 12,
    retentionMs: days(14),
    compacted: false,
    role: 'parked',
    create: true,
    declaration: undefined,
  })
  return topics
}

function planTables(drafts: readonly Draft[]): Map<string, PlannedTable> {
  const tables = new Map<string, PlannedTable>()
  for (const { outputs, options, name } of drafts)
    for (const { target } of outputs) {
      if (target.kind !== 'table') continue
      const physicalName = physicalTable(target.name, options.generation)
      if (tables.has(`${name}/${physicalName}`)) continue
      for (const key of tables.keys())
        if (key.endsWith(`/${physicalName}`))
          throw new MillraceError('DUPLICATE', {
            what: 'processors write one table, which is',
            name: physicalName,
            fix: 'Give each processor a table of its own.',
          })
      tables.set(`${name}/${physicalName}`, { name: target.name, physicalName })
    }
  return new Map([...tables.values()].map((table) => [table.physicalName, table]))
}
