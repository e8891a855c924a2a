import type { Ports } from '../../../shared/runtime/ports.ts'
import type { CallFault } from './faults.ts'
import type { Scheduler } from './scheduler.ts'

/** One call of a port, and what may go wrong with it. */
export interface Call<T> {
  readonly kind: 'read' | 'put' | 'append' | 'write' | 'ask'
  readonly label: string
  readonly failure: 'JOURNAL_UNREACHABLE' | 'SINK_UNREACHABLE' | 'BROKER_UNREACHABLE'
  readonly faults: readonly CallFault[]
  readonly effect: () => Promise<T>
  /** The effect of 'done-in-part'. */
  readonly part?: () => Promise<unknown>
  /** The answer of 'refused-by-itself'. */
  readonly denial?: T
}

export type MakeCall = <T>(call: Call<T>) => Promise<T>

const READING: readonly CallFault[] = ['crash-before', 'not-done']
const WRITING: readonly CallFault[] = ['crash-before', 'crash-after', 'not-done', 'done', 'done-later']

/** The same ports, with every call made by `make`, on which anything can happen. */
export const faultyPorts = (ports: Ports, scheduler: Scheduler, make: MakeCall): Ports => ({
  ...ports,
  journal: journal(ports, scheduler, make),
  topics: topics(ports, scheduler, make),
  tables: tables(ports, scheduler, make),
  broker: broker(ports, make),
})

function journal({ journal }: Ports, scheduler: Scheduler, make: MakeCall): Ports['journal'] {
  const failure = 'JOURNAL_UNREACHABLE'
  const read = (keys: readonly string[]) =>
    make({
      kind: 'read',
      label: `read ${keys.length} items`,
      effect: () => journal.read(keys),
      failure,
      faults: READING,
    })
  return {
    ...journal,
    // Each item is read consistently, not all of them at one moment.
    async read(keys) {
      if (keys.length < 2 || scheduler.chance(0.5)) return read(keys)
      const cut = scheduler.between(1, keys.length - 1)
      const parts = [keys.slice(0, cut), keys.slice(cut)]
      if (scheduler.chance(0.5)) parts.reverse()
      return new Map([...(await read(parts[0]!)), ...(await read(parts[1]!))])
    },
    put: (item, condition) =>
      make({
        kind: 'put',
        label: `put ${item.key} ${item.seq}`,
        effect: () => journal.put(item, condition),
        failure,
        faults: [...WRITING, 'refused-by-itself'],
        denial: 'refused',
      }),
  }
}

const topics = ({ topics }: Ports, scheduler: Scheduler, make: MakeCall): Ports['topics'] => ({
  ...topics,
  append(topic, partition, records) {
    const part = records.slice(0, scheduler.between(0, records.length))
    return make({
      kind: 'append',
      label: `append ${topic}-${partition} ${records.map(({ headers }) => headers.mr ?? 'progress').join(' ')}`,
      effect: () => topics.append(topic, partition, records),
      failure: 'SINK_UNREACHABLE',
      faults: [...WRITING, 'done-in-part'],
      part: () => topics.append(topic, partition, part),
    })
  },
})

const tables = ({ tables }: Ports, scheduler: Scheduler, make: MakeCall): Ports['tables'] => ({
  ...tables,
  write(table, rows) {
    const part = rows.filter(() => scheduler.chance(0.5))
    return make({
      kind: 'write',
      label: `write ${table} ${rows.map(({ key, sequence }) => `${key}=${sequence.join('.')}`).join(' ')}`,
      effect: () => tables.write(table, rows),
      failure: 'SINK_UNREACHABLE',
      faults: [...WRITING, 'done-in-part'],
      part: () => tables.write(table, part),
    })
  },
})

function broker({ broker }: Ports, make: MakeCall): Ports['broker'] {
  const ask = <T>(label: string, effect: () => Promise<T>) =>
    make({ kind: 'ask', label, effect, failure: 'BROKER_UNREACHABLE', faults: READING })
  return {
    ...broker,
    describe: (topic) => ask(`describe ${topic}`, () => broker.describe(topic)),
    endOffsets: (topic) => ask(`ends of ${topic}`, () => broker.endOffsets(topic)),
    committed: (group, topic) => ask(`offsets of ${group}`, () => broker.committed(group, topic)),
    fetch: (topic, ...rest) => ask(`fetch ${topic}`, () => broker.fetch(topic, ...rest)),
  }
}
