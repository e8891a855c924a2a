import { Fold } from '../../../shared/engine/fold.ts'
import { SeenLanes, TimeLanes } from '../../../shared/engine/lanes.ts'
import { State } from '../../../shared/engine/state.ts'
import { Journal } from '../../../shared/journal/journal.ts'
import type { JournalItem, JournalStore } from '../../../shared/journal/store.ts'
import { Owner } from '../../../shared/runtime/owner.ts'
import { Owners } from '../../../shared/runtime/owners.ts'
import type { TickItem } from '../../../shared/runtime/tick-item.ts'
import type { TopicSink } from '../../../shared/sinks/sink.ts'
import type { PortsChange } from './world.ts'

/** One rule of the design, broken. The simulator must notice, or it proves nothing about that rule. */
export interface Mutant {
  readonly name: string
  /** Breaks it in the ports. */
  readonly change?: PortsChange
  /** Breaks it in the code; returns what mends it. */
  readonly install?: () => () => void
}

const ALWAYS = { ifAbsent: true, ifSeqBelow: Number.MAX_SAFE_INTEGER }
const kindOf = (key: string): string => key.split('.')[3] ?? 'tick'

const inJournal = (broken: (store: JournalStore) => Partial<JournalStore>): PortsChange => {
  return (ports) => ({ ...ports, journal: { ...ports.journal, ...broken(ports.journal) } })
}
const inTopics = (append: (sink: TopicSink) => TopicSink['append']): PortsChange => {
  return (ports) => ({ ...ports, topics: { ...ports.topics, append: append(ports.topics) } })
}

export function replace<T extends object, Name extends keyof T>(
  prototype: T,
  name: Name,
  by: (original: T[Name]) => T[Name],
) {
  return () => {
    const original = prototype[name]
    prototype[name] = by(original)
    return () => {
      prototype[name] = original
    }
  }
}

export const mutants: readonly Mutant[] = [
  {
    name: 'commits are written without a condition',
    change: inJournal((store) => ({
      put: (item, condition) => store.put(item, kindOf(item.key) === 'c' ? ALWAYS : condition),
    })),
  },
  {
    name: 'a refused commit is taken for a written one',
    change: inJournal((store) => ({
      async put(item, condition) {
        const outcome = await store.put(item, condition)
        return kindOf(item.key) === 'c' ? 'written' : outcome
      },
    })),
  },
  {
    name: 'a bucket may be overwritten by an older version',
    change: inJournal((store) => ({
      put: (item, condition) => store.put(item, kindOf(item.key) === 'b' ? ALWAYS : condition),
    })),
  },
  {
    name: 'buckets double without the new ones being written',
    change: inJournal((store) => ({
      put: async (item, condition) => (/\.b\.(?![12]\.)/.test(item.key) ? 'written' : store.put(item, condition)),
    })),
  },
  { name: 'buckets are not kept up', install: replace(Journal.prototype, 'maintain', () => async () => {}) },
  { name: 'reads may be stale', change: inJournal(staleReads) },
  { name: 'everything counts as published', change: inJournal(markerMovedEarly) },
  {
    name: 'nobody waits for the outputs to be acknowledged',
    install: replace(Owner.prototype, 'publishLast', (publishLast) => {
      return async function (this: Owner) {
        publishLast.call(this).catch(() => undefined)
      }
    }),
  },
  {
    name: 'a cache is kept whatever becomes of the invocation',
    install: replace(Owners.prototype, 'take', (take) => {
      return async function (this: Owners, ...of) {
        const owner = await take.apply(this, of)
        this.keep(owner)
        return owner
      }
    }),
  },
  {
    name: 'a lost commit is not undone',
    install: replace(State.prototype, 'undoCommit', () => State.prototype.confirmCommit),
  },
  { name: 'repeats are not dropped', install: replace(SeenLanes.prototype, 'isRepeat', () => () => false) },
  { name: 'a stage without state makes identities anew', change: inTopics(mintedAnew) },
  {
    name: 'outputs of a commit go out in any order',
    change: inTopics((sink) => (topic, partition, records) => sink.append(topic, partition, records.toReversed())),
  },
  {
    name: 'time behind a re-key is that of the fastest source partition',
    install: replace(TimeLanes.prototype, 'timeWith', () => (_, timeMs) => timeMs),
  },
  {
    name: 'a commit that is cut begins with the next record',
    install: replace(Fold.prototype, 'take', (take) => {
      return function (this: Fold, record, bytesMax) {
        if (!take.call(this, record, bytesMax)) this.position.offset = record.offset
        return true
      }
    }),
  },
]

/** Now and then a read gives the version before the newest. */
function staleReads(store: JournalStore): Partial<JournalStore> {
  const before = new Map<string, JournalItem>()
  let reads = 0
  return {
    async read(keys) {
      const found = await store.read(keys)
      if (++reads % 5 === 0) for (const key of keys) if (before.has(key)) found.set(key, before.get(key)!)
      return found
    },
    async put(item, condition) {
      const old = (await store.read([item.key])).get(item.key)
      const outcome = await store.put(item, condition)
      if (outcome === 'written' && old !== undefined) before.set(item.key, old)
      return outcome
    },
  }
}

function markerMovedEarly(store: JournalStore): Partial<JournalStore> {
  const moved = (item: JournalItem): JournalItem => {
    const content = JSON.parse(item.head) as TickItem
    const marked = Object.entries(content.partitions).map(([n, each]) => [n, { ...each, publishedSeq: 1e9 }])
    return { ...item, head: JSON.stringify({ ...content, partitions: Object.fromEntries(marked) }) }
  }
  return {
    async read(keys) {
      const found = await store.read(keys)
      for (const [key, item] of found) if (kindOf(key) === 'tick') found.set(key, moved(item))
      return found
    },
  }
}

function mintedAnew(sink: TopicSink): TopicSink['append'] {
  let made = 0
  const anew = (mr: string): string => `${mr.slice(mr.indexOf('>') + 1, mr.indexOf(';'))};${++made};${mr.split(';')[2]}`
  return (topic, partition, records) =>
    sink.append(
      topic,
      partition,
      records.map((record) => {
        const { mr } = record.headers
        return mr?.includes('>') ? { ...record, headers: { ...record.headers, mr: anew(mr) } } : record
      }),
    )
}
