import type { Stage } from '../../shared/processor/plan-types.ts'
import type { Mappings, Outcome } from '../target.ts'

/** Tells what feeds the stages to wait, or to go on. */
export async function pause(mappings: Mappings, stages: readonly Stage[], paused: boolean): Promise<Outcome> {
  for (const stage of stages) await mappings.setPaused(stage, paused)
  const ids = stages.map(({ id }) => id)
  const what = paused ? 'paused: its records wait, and nothing of them is lost while the topic keeps them' : 'going on'
  return { text: ids.map((id) => `${id} is ${what}.`).join('\n'), json: { stages: ids, paused } }
}
