import { MillraceError } from '../../shared/errors.ts'
import type { Plan, PlannedTopic, Stage } from '../../shared/processor/plan-types.ts'
import type { SettingsSpec } from '../../shared/processor/program.ts'
import { stagesNamed } from '../stages.ts'

/** Settings with those that read them and the one that applies changes of them. */
export interface FoundSettings {
  readonly spec: SettingsSpec
  /** Processors whose rules they are for. */
  readonly readers: readonly string[]
  /** Reads the topic of changes. */
  readonly applying: Stage
  /** The topic with every version. */
  readonly versions: PlannedTopic
}

/**
 * The settings of a processor, by its name, by the id of its stage, or by the settings' own name.
 * @throws MillraceError `PROCESSORS_UNKNOWN`, `USAGE` when it has none
 */
export function settingsNamed(plan: Plan, name: string): FoundSettings {
  const withSettings = plan.stages.filter(({ program }) => program.settings !== undefined)
  const own = withSettings.find(({ program }) => program.settings!.name === name)
  const stage = own ?? newest(stagesNamed(plan, name).filter((each) => withSettings.includes(each)))
  if (stage === undefined)
    throw new MillraceError('USAGE', {
      problem: `${name} has no settings.`,
      fix: `Those that do are: ${namesOf(withSettings).join(', ') || 'none'}.`,
    })
  const spec = stage.program.settings!
  const applying = plan.stages.find(({ processor, stateful }) => processor === spec.name && stateful)!
  const readers = namesOf(withSettings.filter(({ program }) => program.settings!.name === spec.name))
  return { spec, readers, applying, versions: applying.writesTopics.find(({ role }) => role === 'output')! }
}

const newest = (stages: readonly Stage[]): Stage | undefined =>
  stages.toSorted((a, b) => b.generation - a.generation)[0]

const namesOf = (stages: readonly Stage[]): string[] => [...new Set(stages.map(({ processor }) => processor))]
