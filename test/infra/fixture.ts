import type { Deployment, Plan, PlannedTable, PlannedTopic, Stage } from '../../shared/processor/plan-types.ts'
import { days } from '../../shared/time.ts'

/**
 * A plan made by hand, so that these tests stand on nothing but the plan's shape:
 *
 *   payments ──▶ refunds ──▶ refunds-only                    (stateless)
 *   payments ──▶ spend ──▶ spend-per-card                    (stateful, windows)
 *   payments ──▶ limits ──▶ table card-limits                (stateful, table)
 *   clicks ────▶ visits-rekey ──▶ (internal) ──▶ visits ──▶ visits-per-page     (re-keyed, pollers)
 */
export const deployment: Deployment = {
  memoryMb: 1_769,
  timeoutMs: 120_000,
  batchRecordsMax: 1_000,
  batchWindowMs: 1_000,
  pollers: undefined,
}

const topic = (name: string, given: Partial<PlannedTopic> = {}): PlannedTopic => ({
  name,
  partitions: 6,
  retentionMs: days(7),
  compacted: false,
  role: 'output',
  create: true,
  declaration: undefined,
  ...given,
})

export const topics = {
  payments: topic('payments', { role: 'source', create: false }),
  clicks: topic('clicks', { role: 'source', partitions: 12 }),
  refundsOnly: topic('refunds-only'),
  spendPerCard: topic('spend-per-card', { compacted: true }),
  visitsPerPage: topic('visits-per-page'),
  internal: topic('millrace.visits.1.rekey', { role: 'internal', partitions: 12 }),
  parked: topic('millrace-parked', { role: 'parked', retentionMs: days(14) }),
}

export const cardLimits: PlannedTable = { name: 'card-limits', physicalName: 'card-limits' }

interface Given extends Partial<Omit<Stage, 'id' | 'processor' | 'writesTopics' | 'source'>> {
  readonly source: PlannedTopic
  readonly writes?: readonly PlannedTopic[]
}

/** A stage of `processor`; stateful unless said otherwise. */
export function stage(processor: string, { writes = [], ...given }: Given): Stage {
  const { generation = 1, name = 'main', stateful = true } = given
  return {
    id: `${processor}${name === 'main' ? '' : `-${name}`}${generation === 1 ? '' : `.${generation}`}`,
    processor,
    generation,
    name,
    stateful,
    sourceIsOurs: given.source.role !== 'source',
    group: `millrace.${processor}.${generation}.${name}`,
    upstream: [],
    holdsKeys: false,
    writesTopics: [...writes, topics.parked],
    readsTables: [],
    rules: [],
    writesTables: [],
    journalPrefix: stateful ? `${processor}.${generation}.` : undefined,
    idleAfterMs: 60_000,
    deployment,
    // Infrastructure never looks at what a stage computes.
    program: undefined as unknown as Stage['program'],
    ...given,
  }
}

const pollers = { ...deployment, pollers: { min: 2, max: 6 } }

export const refunds = stage('refunds', { source: topics.payments, writes: [topics.refundsOnly], stateful: false })
export const spend = stage('spend', { source: topics.payments, writes: [topics.spendPerCard] })
export const limits = stage('limits', { source: topics.payments, writesTables: [cardLimits] })
export const visitsRekey = stage('visits', {
  name: 'rekey',
  source: topics.clicks,
  writes: [topics.internal],
  stateful: false,
})
export const visits = stage('visits', {
  source: topics.internal,
  upstream: [visitsRekey],
  writes: [topics.visitsPerPage],
  deployment: pollers,
})

/** A plan of these stages; topics and tables follow. */
export function planOf(...stages: readonly Stage[]): Plan {
  const all = stages.flatMap((each) => [each.source, ...each.writesTopics])
  const names = [...new Set(stages.map((each) => each.processor))]
  return {
    processors: names.map((name) => ({
      name,
      generation: 1,
      stages: stages.filter((each) => each.processor === name),
    })),
    stages,
    topics: [...new Set([...all, topics.parked])],
    tables: [...new Set(stages.flatMap((each) => each.writesTables))],
    parkedTopic: topics.parked,
  }
}

export const fixture: Plan = planOf(refunds, spend, limits, visitsRekey, visits)
