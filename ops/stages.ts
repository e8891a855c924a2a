import { MillraceError } from '../shared/errors.ts'
import type { Plan, Stage } from '../shared/processor/plan-types.ts'

/** All stages of a processor, or the one of this id. @throws MillraceError `PROCESSORS_UNKNOWN` */
export function stagesNamed(plan: Plan, name: string): readonly Stage[] {
  const found = plan.stages.filter(({ processor }) => processor === name)
  const stages = found.length > 0 ? found : plan.stages.filter(({ id }) => id === name)
  if (stages.length > 0) return stages
  const known = [...new Set(plan.stages.flatMap(({ processor, id }) => [processor, id]))]
  throw new MillraceError('PROCESSORS_UNKNOWN', { name, known: known.join(', ') })
}

/**
 * The stage that holds a processor's state, by the processor's name (its highest generation) or the stage's id.
 * @throws MillraceError `PROCESSORS_UNKNOWN`, `USAGE` when it has no state
 */
export function statefulStage(plan: Plan, name: string): Stage {
  const byId = plan.stages.filter(({ id }) => id === name)
  const stages = byId.length > 0 ? byId : stagesNamed(plan, name)
  const stage = stages.filter(({ stateful }) => stateful).sort((a, b) => b.generation - a.generation)[0]
  if (stage !== undefined) return stage
  const known = plan.stages.filter(({ stateful }) => stateful).map(({ id }) => id)
  throw new MillraceError('USAGE', {
    problem: `${name} keeps no state.`,
    fix: `Those that do are: ${known.join(', ')}.`,
  })
}

/** A partition of the stage's source. @throws MillraceError `USAGE` */
export function partitionOf({ id, source }: Stage, text: string): number {
  const partition = Number(text)
  if (/^\d{1,5}$/.test(text) && partition < source.partitions) return partition
  throw new MillraceError('USAGE', {
    problem: `${id} has no partition ${JSON.stringify(text)}.`,
    fix: `${source.name} has the partitions 0 to ${source.partitions - 1}.`,
  })
}
