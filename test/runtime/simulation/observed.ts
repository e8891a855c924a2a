import type { JournalSettings } from '../../../shared/journal/journal.ts'
import type { JournalStore } from '../../../shared/journal/store.ts'
import type { TopicSink } from '../../../shared/sinks/sink.ts'

interface CommitHead {
  readonly kind: string
  readonly moved: boolean
  readonly attempting?: unknown
  readonly counts: { readonly duplicatesDropped: number; readonly parked: number }
}

/** The newest commit of each lane. */
export type NewestCommits = Map<string, number>

// A simulator that no longer reaches a situation proves nothing about it: these count what comes up.

export function observedJournal(
  store: JournalStore,
  settings: JournalSettings,
  newest: NewestCommits,
  count: (situation: string) => void,
): JournalStore {
  return {
    ...store,
    async put(item, condition) {
      const outcome = await store.put(item, condition)
      const [processor, generation, partition, kind, depth] = item.key.split('.')
      if (kind === 'b') {
        count(`bucket ${outcome}`)
        if (outcome === 'written' && Number(depth) > settings.buckets) count('more buckets')
      } else if (kind === 'c') {
        const head = JSON.parse(item.head) as CommitHead
        count(`commit of a ${head.kind} ${outcome}`)
        if (outcome === 'written') {
          newest.set(`${processor}.${generation}.${partition}`, item.seq)
          countCommit(head, item.seq > settings.ring, count)
        }
      } else count(`tick item ${outcome}`)
      return outcome
    },
  }
}

function countCommit(head: CommitHead, round: boolean, count: (situation: string) => void): void {
  if (round) count('ring went round')
  if (!head.moved && head.kind === 'batch' && head.attempting === undefined) count('cut inside a burst of timers')
  if (head.attempting !== undefined) count('attempt noted')
  if (head.counts.duplicatesDropped > 0) count('repeat dropped downstream')
  if (head.counts.parked > 0) count('record parked')
}

export function observedTopics(sink: TopicSink, newest: NewestCommits, count: (situation: string) => void): TopicSink {
  return {
    ...sink,
    append(topic, partition, records) {
      const [lane, sequence] = records[0]?.headers.mr?.split(';') ?? []
      if (lane !== undefined && Number.parseInt(sequence!, 10) < (newest.get(lane) ?? 0))
        count('outputs sent after a later commit')
      return sink.append(topic, partition, records)
    },
  }
}
