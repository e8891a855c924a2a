import { onTestFinished } from 'vitest'
import { type KafkaEmulator, kafkaEmulator } from '../../../local/emulator/kafka-emulator.ts'
import type { KafkaEmulatorOptions } from '../../../local/emulator/kafka-emulator-options.ts'
import type { MappingSettings } from '../../../local/emulator/settings.ts'
import type { KafkaEvent } from '../../../shared/runtime/kafka-event.ts'
import { namesOf } from './record.ts'

export interface Scene {
  readonly emulator: KafkaEmulator
  /** What the function was given so far, `0:5 0:6` for each invocation. */
  readonly given: () => string[]
}

type Changes = Partial<KafkaEmulatorOptions<KafkaEvent>>

/** A topic `orders` and a function that answers as told. */
export async function scene(
  settings: Partial<MappingSettings>,
  answer: (names: string[], event: KafkaEvent) => unknown = () => undefined,
  changes: Changes = {},
): Promise<Scene> {
  const emulator = await kafkaEmulator<KafkaEvent>({
    topic: 'orders',
    settings,
    handler: (event) => answer(offsetsIn(event), event),
    ...changes,
  })
  onTestFinished(() => emulator.stop())
  return { emulator, given: () => emulator.events.map((event) => offsetsIn(event).join(' ')) }
}

/** Sends so many records without key to a partition. */
export function send({ emulator }: Scene, partition: number, count: number): void {
  for (let n = 0; n < count; n++) emulator.send({ partition, value: 'v' })
}

export const offsetsIn = (event: KafkaEvent): string[] => namesOf(Object.values(event.records).flat())

/** An answer that names these records of `orders` as failed. */
export const failed = (...names: string[]) => ({
  batchItemFailures: names.map((name) => {
    const [partition, offset] = name.split(':')
    return { itemIdentifier: { partition: `orders-${partition}`, offset: Number(offset) } }
  }),
})

/** A function that waits for the test; each call of `answer` answers the invocation that has waited longest. */
export function waiting(): { handler: () => Promise<void>; answer: () => void; count: () => number } {
  const calls: (() => void)[] = []
  return {
    handler: () => new Promise((resolve) => calls.push(resolve)),
    answer: () => calls.shift()?.(),
    count: () => calls.length,
  }
}
