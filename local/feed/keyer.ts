import { isUtf8 } from 'node:buffer'
import { keyText } from '../../shared/engine/key.ts'
import type { Topic } from '../../shared/processor/topic.ts'
import { partitionFor } from '../../shared/sinks/partitioner.ts'
import type { Line } from './source.ts'

/** Where a line goes. */
export interface Placed {
  readonly key: string | null
  readonly partition: number
}

/**
 * Key and partition of a line, as a producer of the topic would choose them: the declared key when the line is JSON that
 * fits the topic's schema, otherwise none, and a partition by the bytes of the line.
 */
export function place(topic: Topic | undefined, content: Line['content'], partitions: number): Placed {
  const key = topic?.key ? keyOf(topic, content) : null
  return { key, partition: partitionFor(key ?? content, partitions) }
}

function keyOf(topic: Topic, content: Line['content']): string | null {
  if (typeof content !== 'string' && !isUtf8(content)) return null
  try {
    const result = topic.schema['~standard'].validate(JSON.parse(content.toString()))
    if (result instanceof Promise || result.issues || result.value === null) return null
    return keyText(topic.key!(result.value as NonNullable<unknown>))
  } catch {
    return null
  }
}
