import { compareSequences } from '../engine/lanes.ts'
import { IDENTITY_HEADER, parseIdentity } from '../runtime/identity.ts'
import type { TopicSink } from '../sinks/sink.ts'

/**
 * Lets each output through once. Starting from the journal, a handler publishes the newest outputs again, which readers
 * drop by identity; in a test they would only be in the way.
 */
export function firstAppearances(sink: TopicSink): TopicSink {
  const highest = new Map<string, readonly number[]>()
  return {
    append(topic, partition, records) {
      const first = records.filter(({ headers }) => {
        const identity = parseIdentity(headers[IDENTITY_HEADER] ?? '')?.identity
        if (identity === undefined) return true
        const lane = `${topic}/${partition}/${identity.lane}`
        if (compareSequences(identity.sequence, highest.get(lane) ?? []) <= 0) return false
        highest.set(lane, identity.sequence)
        return true
      })
      return first.length === 0 ? Promise.resolve() : sink.append(topic, partition, first)
    },
    close: () => sink.close(),
  }
}
