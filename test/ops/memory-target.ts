import type { Target } from '../../ops/target.ts'
import type { JournalItem } from '../../shared/journal/store.ts'
import type { ControlEvent, InvocationReport } from '../../shared/runtime/kafka-event.ts'
import { memoryTopicSink } from '../../shared/sinks/memory.ts'
import type { Rig } from '../runtime/rig.ts'

/** The ports of a rig as a place for the operator's commands; `sent` has the events that functions were given. */
export function memoryTarget(rig: Rig): Target & { readonly sent: ControlEvent[] } {
  const sent: ControlEvent[] = []
  const items = rig.store.items as Map<string, JournalItem>
  return {
    sent,
    broker: rig.broker,
    journal: rig.store,
    items: {
      async *keys() {
        yield [...items.keys()]
      },
      async delete(keys) {
        for (const key of keys) items.delete(key)
      },
    },
    topics: memoryTopicSink(rig.broker),
    rows: rig.tables,
    invoke(stage, event): Promise<InvocationReport> {
      sent.push(event)
      return rig.environment(stage.id)(event)
    },
    close: async () => {},
  }
}
