import { keyText } from '../../shared/engine/key.ts'
import { type Processor, plan, type Topic } from '../../shared/processor/index.ts'
import { partitionFor } from '../../shared/sinks/partitioner.ts'
import { adjusted } from './adjusted.ts'
import type { Dice } from './dice.ts'
import { replayProblems } from './replay.ts'
import { type Samples, sampler, timeOf } from './samples.ts'
import type { InputRecord, Scene, Topology } from './topology.ts'

const START_MS = Date.UTC(2026, 0, 1)
const HOURS = 3_600_000
const PARTITIONS_MAX = 3

/** A topology for each declared processor: itself and those that write what it reads. */
export const declaredTopologies = (processors: readonly Processor[], samples: Samples): Topology[] =>
  processors.map((processor) => {
    const { name, options } = processor.draft
    const all = { ...samplesOfSettings(processors), ...samples }
    return {
      name: options.generation === 1 ? name : `${name}.${options.generation}`,
      scene: (dice) => sceneOf(withUpstream(processor, processors), all, dice),
    }
  })

/** Changes of settings: documents that change nothing, and versions to go back to that are there or not. */
function samplesOfSettings(processors: readonly Processor[]): Samples {
  const settings = processors.flatMap(({ draft }) => (draft.settings === undefined ? [] : [draft.settings]))
  const sampleOf = (name: string) => (random: () => number) =>
    random() < 0.6 ? { name, document: {} } : { name, rollBackTo: 1 + Math.floor(random() * 6) }
  return Object.fromEntries(settings.map(({ name, changes }) => [changes.name, sampleOf(name)]))
}

const reads = ({ draft }: Processor, name: string): boolean => draft.inputs.some(({ topic }) => topic.name === name)

/** Upstream first. A topic may be written by several. */
function withUpstream(processor: Processor, all: readonly Processor[], below: readonly Processor[] = []): Processor[] {
  const writers = all.filter(
    (each) =>
      each !== processor &&
      !below.includes(each) &&
      each.draft.outputs.some(({ target }) => target.kind === 'topic' && reads(processor, target.name)),
  )
  return [...new Set([...writers.flatMap((each) => withUpstream(each, all, [...below, processor])), processor])]
}

/** Changes of settings are left out: which version a batch sees depends on when it began. */
function sceneOf(processors: readonly Processor[], samples: Samples, dice: Dice): Scene {
  const settings = processors.flatMap(({ draft }) => (draft.settings === undefined ? [] : [draft.settings.processor]))
  // Where time moves by silence, what is late depends on the schedule; everything else must still hold.
  const punctual = dice.chance(0.6)
  const times = punctual
    ? { idleAfterMs: 10 * HOURS, timeoutMs: 10_000 * HOURS }
    : { idleAfterMs: dice.between(1_000, 5_000), timeoutMs: 10_000 }
  const made = adjusted(plan([...new Set([...processors, ...settings])]), { ...times, partitionsMax: PARTITIONS_MAX })
  const sources = made.topics.filter(
    ({ name, role }) => role === 'source' && processors.some((processor) => reads(processor, name)),
  )
  const input = Object.fromEntries(
    sources.map(({ name, partitions, declaration }) => [name, records(declaration!, partitions, samples, dice)]),
  )
  return {
    plan: made,
    input,
    journal: limits(input),
    ending: punctual ? 'closing' : 'silence',
    async judge(outcome) {
      const problems: string[] = []
      for (const stage of made.stages)
        if (punctual || !stage.stateful) problems.push(...(await replayProblems(stage, outcome)))
      return problems
    },
  }
}

/** Small, so that commits are cut, but for what one event of this input may hold. */
function limits(input: Scene['input']): NonNullable<Scene['journal']> {
  const sizes = Object.values(input).flatMap((partitions) =>
    partitions.map((list) => list.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)),
  )
  return { commitBytesMax: Math.min(384 * 1024, Math.max(1_800, 2 * Math.max(...sizes))), bucketBytesMax: 300 * 1024 }
}

function records(topic: Topic, partitions: number, samples: Samples, dice: Dice): InputRecord[][] {
  const lists: InputRecord[][] = Array.from({ length: partitions }, () => [])
  const sample = sampler(topic, samples, dice)
  let nowMs = START_MS
  for (let n = dice.between(15, 50); n > 0; n--) {
    nowMs += dice.chance(0.04) ? dice.between(60_000, 900_000) : dice.between(0, 20_000)
    const value = sample(dice.chance(0.8) ? nowMs : nowMs - dice.between(0, 60_000))
    const key = topic.key === undefined || value === null ? null : keyText(topic.key(value as never))
    const partition = key === null ? dice.between(0, partitions - 1) : partitionFor(key, partitions)
    const timestampMs = Math.max(nowMs, timeOf(topic, value) ?? nowMs)
    lists[partition]!.push(spoilt(dice, { key, value: JSON.stringify(value), timestampMs }))
  }
  return lists
}

/** Now and then a record that cannot be used. */
function spoilt(dice: Dice, record: InputRecord): InputRecord {
  if (!dice.chance(0.05)) return record
  return dice.pick<InputRecord>([
    { ...record, value: record.value!.slice(1) },
    { ...record, value: null },
    { ...record, key: 'another key' },
    { ...record, timestampMs: Math.max(0, record.timestampMs - 24 * HOURS) },
  ])
}
