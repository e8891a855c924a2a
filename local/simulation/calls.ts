import type { Ports } from '../../shared/runtime/ports.ts'
import type { TableReader } from '../../shared/sinks/sink.ts'
import type { Dice } from './dice.ts'
import type { FaultKind } from './faults.ts'

/** One call of a port, and what may go wrong with it. */
export interface Call<T> {
  readonly kind: 'read' | 'put' | 'append' | 'write' | 'ask'
  readonly what: string
  readonly failure: 'JOURNAL_UNREACHABLE' | 'SINK_UNREACHABLE' | 'BROKER_UNREACHABLE'
  readonly faults: readonly FaultKind[]
  readonly effect: () => Promise<T>
  /** The effect of 'done-in-part'. */
  readonly part?: () => Promise<unknown>
  /** The answer of 'refused-by-itself', when it can be told. */
  readonly denial?: (result: T) => T
}

export type MakeCall = <T>(call: Call<T>) => Promise<T>

const READING: readonly FaultKind[] = ['crash-before', 'not-done', 'throttled']
const WRITING: readonly FaultKind[] = [
  'crash-before',
  'crash-after',
  'not-done',
  'throttled',
  'done-but-failed',
  'done-later',
]

/** The same ports, with every call made by `make`, on which anything can happen. */
export const portsOfCalls = (ports: Ports, dice: Dice, make: MakeCall): Ports => ({
  ...ports,
  journal: journal(ports, dice, make),
  topics: topics(ports, dice, make),
  tables: tables(ports, dice, make),
  broker: broker(ports, make),
  ...(ports.rows && { rows: rows(ports.rows, make) }),
})

function journal({ journal }: Ports, dice: Dice, make: MakeCall): Ports['journal'] {
  const failure = 'JOURNAL_UNREACHABLE'
  const read = (keys: readonly string[]) =>
    make({ kind: 'read', what: `read ${named(keys)}`, effect: () => journal.read(keys), failure, faults: READING })
  return {
    ...journal,
    // Each item is read consistently, not all of them at one moment.
    async read(keys) {
      if (keys.length < 2 || dice.chance(0.5)) return read(keys)
      const cut = dice.between(1, keys.length - 1)
      const parts = [keys.slice(0, cut), keys.slice(cut)]
      if (dice.chance(0.5)) parts.reverse()
      return new Map([...(await read(parts[0]!)), ...(await read(parts[1]!))])
    },
    put: (item, condition) =>
      make({
        kind: 'put',
        what: `put ${item.key} = ${item.seq}`,
        effect: () => journal.put(item, condition),
        failure,
        faults: [...WRITING, 'refused-by-itself'],
        denial: () => 'refused',
      }),
  }
}

const named = (keys: readonly string[]): string =>
  keys.length === 1 ? keys[0]! : `${keys[0]} and ${keys.length - 1} more`

const topics = ({ topics }: Ports, dice: Dice, make: MakeCall): Ports['topics'] => ({
  ...topics,
  append(topic, partition, records) {
    const part = records.slice(0, dice.between(0, records.length))
    return make({
      kind: 'append',
      what: `append ${topic}-${partition}: ${records.map(({ headers }) => headers.mr ?? 'progress').join(' ')}`,
      effect: () => topics.append(topic, partition, records),
      failure: 'SINK_UNREACHABLE',
      faults: [...WRITING, 'done-in-part'],
      part: () => topics.append(topic, partition, part),
    })
  },
})

const tables = ({ tables }: Ports, dice: Dice, make: MakeCall): Ports['tables'] => ({
  ...tables,
  write(table, rows) {
    const part = rows.filter(() => dice.chance(0.5))
    return make({
      kind: 'write',
      what: `write ${table}: ${rows.map(({ key, sequence }) => `${key}=${sequence.join('.')}`).join(' ')}`,
      effect: () => tables.write(table, rows),
      failure: 'SINK_UNREACHABLE',
      faults: [...WRITING, 'done-in-part'],
      part: () => tables.write(table, part),
    })
  },
})

function broker({ broker }: Ports, make: MakeCall): Ports['broker'] {
  const ask = <T>(what: string, effect: () => Promise<T>) =>
    make({ kind: 'ask', what, effect, failure: 'BROKER_UNREACHABLE', faults: READING })
  return {
    ...broker,
    describe: (topic) => ask(`describe ${topic}`, () => broker.describe(topic)),
    endOffsets: (topic) => ask(`ends of ${topic}`, () => broker.endOffsets(topic)),
    committed: (group, topic) => ask(`offsets of ${group}`, () => broker.committed(group, topic)),
    fetch: (topic, ...rest) => ask(`fetch ${topic}`, () => broker.fetch(topic, ...rest)),
  }
}

const rows = (rows: TableReader, make: MakeCall): TableReader => ({
  read: (table, key) =>
    make({
      kind: 'ask',
      what: `row ${key} of ${table}`,
      effect: () => rows.read(table, key),
      failure: 'SINK_UNREACHABLE',
      faults: READING,
    }),
})
