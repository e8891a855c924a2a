import type { Alert, Processor, RuleSettings, Stage } from '#millrace'
import { MillraceError, plan } from '#millrace'
import { place } from '../../local/feed/keyer.ts'
import type { Line, LineSource } from '../../local/feed/source.ts'
import type { PlannedTopic } from '../../shared/processor/plan-types.ts'
import { StagesInMemory } from './stages-in-memory.ts'

/** What a line of the history says beside what rules look at. */
export interface EventFacts {
  readonly label: boolean
  readonly value: number
}

/** What rules said of a history, with one version of their settings. */
export interface HistoryRun {
  readonly alerts: readonly Alert[]
  /** By position, as alerts name events: `topic/partition/offset`. Lines that are not JSON objects are not here. */
  readonly events: ReadonlyMap<string, EventFacts>
  /** First and last event time, epoch ms; NaN without events. */
  readonly fromMs: number
  readonly toMs: number
  /** Lines of the history. */
  readonly read: number
  /** By how many processors each of them was looked at: the counts below are over all of them. */
  readonly processors: number
  readonly parked: number
  readonly late: number
  /** Events that rules look back on, or that partial matches have taken, let go at a bound. */
  readonly keptEventsDropped: number
  /** Given up at a bound. */
  readonly partialMatchesDropped: number
  /** The most frequent reason first. */
  readonly parkedFor: readonly ParkedReason[]
}

/** Why records were parked. `detail`: of one of them. */
export interface ParkedReason {
  readonly reason: string
  readonly detail: string
  readonly count: number
}

/** How a line's own fields are read. */
export type ReadFacts = (line: Readonly<Record<string, unknown>>) => EventFacts

const LINES_PER_BATCH = 10_000

/**
 * Stages of the processors that pin settings, in the order data flows, and the topic that they read.
 * @throws MillraceError `USAGE` when there are none, or they read several
 */
export function ruleStages(processors: readonly Processor[]): { stages: readonly Stage[]; topic: PlannedTopic } {
  const withRules = processors.filter(({ draft }) => draft.settings !== undefined)
  if (withRules.length === 0)
    throw new MillraceError('USAGE', {
      problem: 'No processor runs rules with settings, so there is nothing to try.',
      fix: 'Give .rules(set, { settings }), and list the processor in functions/index.ts.',
    })
  const appliers = withRules.map(({ draft }) => draft.settings!.processor)
  const planned = plan([...withRules, ...new Set(appliers)])
  const names = withRules.map(({ draft }) => draft.name)
  const stages = planned.stages.filter(({ processor }) => names.includes(processor))
  const topics = [...new Set(stages.filter(({ upstream }) => upstream.length === 0).map(({ source }) => source))]
  if (topics.length > 1)
    throw new MillraceError('USAGE', {
      problem: `The rules read several topics: ${topics.map(({ name }) => name).join(', ')}. A history is of one.`,
      fix: 'Choose processors of one topic.',
    })
  return { stages, topic: topics[0]! }
}

/**
 * Runs the real handlers of all rules over a history in this process, batch by batch, then moves time past its end.
 * The same lines and settings give the same alerts with the same ids.
 */
export async function runHistory(
  processors: readonly Processor[],
  settings: RuleSettings,
  history: LineSource,
  readFacts: ReadFacts,
): Promise<HistoryRun> {
  const { stages, topic } = ruleStages(processors)
  const running = new StagesInMemory(stages, { version: 1, document: settings })
  const events = new Map<string, EventFacts>()
  const span = { fromMs: Number.NaN, toMs: Number.NaN }
  let held = 0
  let read = 0
  for await (const lines of history.read()) {
    for (const line of lines) feed(line)
    held += lines.length
    read += lines.length
    if (held < LINES_PER_BATCH) continue
    held = 0
    await running.drain()
  }
  await running.end()
  const parkedFor = [...running.parkedFor].map(([reason, each]) => ({ reason, ...each }))
  return {
    alerts: running.written as Alert[],
    events,
    ...span,
    read,
    processors: new Set(stages.map(({ processor }) => processor)).size,
    ...running.counts,
    parkedFor: parkedFor.sort((a, b) => b.count - a.count),
  }

  function feed({ content }: Line): void {
    const text = content.toString()
    const { key, partition } = place(topic.declaration, text, topic.partitions)
    const offset = running.append(topic.name, partition, key, text)
    const value = objectOf(text)
    if (value === undefined) return
    events.set(`${topic.name}/${partition}/${offset}`, readFacts(value))
    const timeMs = Number(topic.declaration?.time?.(value as never))
    if (!(span.fromMs <= timeMs)) span.fromMs = timeMs
    if (!(span.toMs >= timeMs)) span.toMs = timeMs
  }
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
