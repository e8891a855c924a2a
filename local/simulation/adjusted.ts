import type { Plan, PlannedTopic, Stage } from '../../shared/processor/plan-types.ts'
import type { StatelessSpec, Target } from '../../shared/processor/program.ts'

/** What a simulation changes of a plan. */
export interface Adjustment {
  /** Silence after which the tick moves time. */
  readonly idleAfterMs: number
  readonly timeoutMs: number
  /** Topics with more are made with this many: few records are to meet in few partitions. */
  readonly partitionsMax?: number
}

/** The same processors with other times and fewer partitions. */
export function adjusted(plan: Plan, { idleAfterMs, timeoutMs, partitionsMax = 1_000 }: Adjustment): Plan {
  const topics = new Map(
    plan.topics.map((topic) => [topic.name, { ...topic, partitions: Math.min(topic.partitions, partitionsMax) }]),
  )
  const topicOf = ({ name }: PlannedTopic): PlannedTopic => topics.get(name)!
  const targetOf = (target: Target): Target =>
    target.kind === 'topic' ? { ...target, topic: topicOf(target.topic) } : target
  const partitionsOf = (stages: readonly Stage[]): number =>
    stages.reduce((sum, { source }) => sum + topicOf(source).partitions, 0)
  /** The source partitions of all stages that write one internal topic are numbered on. */
  const rekeyOf = (stage: Stage): StatelessSpec['rekey'] => {
    const writers = plan.stages.find(({ upstream }) => upstream.includes(stage))?.upstream
    return writers && { firstTimeLane: partitionsOf(writers.slice(0, writers.indexOf(stage))) }
  }
  const stages = new Map<Stage, Stage>()
  const stageOf = (stage: Stage): Stage => {
    const known = stages.get(stage)
    if (known !== undefined) return known
    const { program, deployment, upstream } = stage
    const made: Stage = {
      ...stage,
      idleAfterMs,
      deployment: { ...deployment, timeoutMs },
      source: topicOf(stage.source),
      upstream: upstream.map(stageOf),
      writesTopics: stage.writesTopics.map(topicOf),
      program: {
        ...program,
        targets: program.targets.map(targetOf),
        stateless: program.stateless && { ...program.stateless, rekey: rekeyOf(stage) },
        stateful: program.stateful && { ...program.stateful, timeLanes: partitionsOf(upstream) },
      },
    }
    stages.set(stage, made)
    return made
  }
  return {
    ...plan,
    processors: plan.processors.map((each) => ({ ...each, stages: each.stages.map(stageOf) })),
    stages: plan.stages.map(stageOf),
    topics: [...topics.values()],
    parkedTopic: topicOf(plan.parkedTopic),
  }
}
