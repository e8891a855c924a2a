import type { Plan, Stage } from '../../shared/processor/plan-types.ts'
import type { Surroundings } from './surroundings.ts'

/** What happens to topics as a whole. */
export interface TopicFaults {
  /** @returns the source that was made anew */
  strike(): Promise<string | undefined>
  /** After a source was made anew: this stage has state that came from the old one. */
  mustAlarm(stage: Stage): boolean
}

const MORE_PARTITIONS = 3

export function topicFaults(plan: Plan, { faults, broker, observer, scheduler }: Surroundings): TopicFaults {
  const readByUs = new Set(plan.stages.map(({ source }) => source.name))
  const outputs = plan.topics.filter(({ name, role }) => role !== 'source' && !readByUs.has(name))
  const anew = new Set<string>()
  const sourcesOf = (stage: Stage): string[] =>
    (stage.upstream.length > 0 ? stage.upstream : [stage]).map(({ source }) => source.name)
  const looksAfter = (topic: string) =>
    plan.stages.filter((stage) => stage.stateful && sourcesOf(stage).includes(topic))
  // Noticed by who has state and has seen the topic before; a stage without state has nothing to compare with.
  const sources = plan.topics.filter(({ name, role }) => role === 'source' && looksAfter(name).length > 0)

  return {
    async strike() {
      if (outputs.length > 0 && faults.strikes('output-grown')) {
        const { name } = scheduler.dice.pick(outputs)
        const { partitions } = (await broker.describe(name))!
        broker.addPartitions(name, partitions + MORE_PARTITIONS)
      }
      if (observer.sourceMadeAnew || sources.length === 0) return undefined
      const { name, partitions } = scheduler.dice.pick(sources)
      if (!looksAfter(name).every((stage) => observer.knowsSources(stage))) return undefined
      if (!faults.strikes('source-made-anew')) return undefined
      broker.deleteTopic(name)
      await broker.ensureTopic({ name, partitions })
      observer.logs.open(name, partitions)
      observer.sourceMadeAnew = true
      anew.add(name)
      return name
    },
    mustAlarm: (stage) => stage.stateful && sourcesOf(stage).some((name) => anew.has(name)),
  }
}
