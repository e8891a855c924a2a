import { MillraceError } from '../errors.ts'
import type { Plan } from './plan-types.ts'

/**
 * The part of a plan that is about some of its processors, in all their generations: their stages, the topics and tables
 * that these read and write. What is known of the others stays known: a topic that one of them writes is still ours.
 *
 * @throws MillraceError `PROCESSORS_UNKNOWN`
 */
export function choose(plan: Plan, names: readonly string[]): Plan {
  const known = new Set(plan.processors.map(({ name }) => name))
  const unknown = names.find((name) => !known.has(name))
  if (unknown !== undefined)
    throw new MillraceError('PROCESSORS_UNKNOWN', { name: unknown, known: [...known].join(', ') })
  const processors = plan.processors.filter(({ name }) => names.includes(name))
  const stages = plan.stages.filter(({ processor }) => names.includes(processor))
  const topics = new Set(stages.flatMap(({ source, writesTopics }) => [source, ...writesTopics]))
  const tables = new Set(stages.flatMap(({ writesTables, readsTables }) => [...writesTables, ...readsTables]))
  return {
    processors,
    stages,
    topics: plan.topics.filter((topic) => topics.has(topic) || topic === plan.parkedTopic),
    tables: plan.tables.filter((table) => tables.has(table)),
    parkedTopic: plan.parkedTopic,
  }
}
