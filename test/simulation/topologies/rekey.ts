import { z } from 'zod'
import { collect, count, ms, processor, table, topic, tumbling } from '#millrace'
import { adjusted } from '../../../local/simulation/adjusted.ts'
import type { Dice } from '../../../local/simulation/dice.ts'
import type { Parked } from '../../../local/simulation/parked.ts'
import type { InputRecord, Topology } from '../../../local/simulation/topology.ts'
import { differences, latestOf } from '../../../local/simulation/verdicts.ts'
import { plan } from '../../../shared/processor/index.ts'
import { eventTimes, hastyTimes, idOf, placeOf, placesOf, punctualTimes, recordOf } from './records.ts'

const WINDOW_MS = 20_000
const GRACE_MS = 2_000

const log = z.object({ id: z.string(), host: z.string(), service: z.string(), level: z.string(), at: z.number() })
const lateSchema = z.object({ value: log })
const countSchema = z.object({
  key: z.tuple([z.string(), z.string()]).readonly(),
  window: z.object({ start: z.number(), end: z.number() }),
  count: z.number(),
  ids: z.object({ values: z.array(z.string()).readonly(), more: z.number() }),
})
type Counted = z.infer<typeof countSchema>

/**
 * Lines per service and level: keyed by host, re-keyed, counted in windows, on a topic and in a table. In half of the
 * seeds each host's lines come in order and time never moves by silence, so that no line can be late.
 */
export const rekey: Topology = {
  name: 'rekey',
  scene(dice) {
    const punctual = dice.chance(0.5)
    const partitions = dice.between(2, 3)
    const logs = topic('logs', { schema: log, key: (l) => l.host, time: (l) => l.at, partitions })
    const counts = topic('counts', { schema: countSchema, partitions: 2 })
    const lateTopic = topic('late', { schema: lateSchema, partitions: 1 })
    const input = Array.from({ length: partitions }, (_, partition) => records(dice, partition, punctual))
    const logCounts = processor('log-counts')
      .from(logs)
      .keyBy((l) => [l.service, l.level])
      .window(tumbling(ms(WINDOW_MS)).grace(ms(GRACE_MS)))
      .aggregate({ count: count(), ids: collect(50, (l) => l.id) })
      .to(counts)
      .to(table('counts-table'))
      .late(lateTopic, { map: ({ value }) => ({ value }) })
    return {
      plan: adjusted(plan([logCounts]), punctual ? punctualTimes : hastyTimes(dice)),
      input: { logs: input },
      judge(outcome) {
        const outputs = outcome.topic('counts').map(({ value }) => JSON.parse(value!) as Counted)
        const late = outcome
          .topic('late')
          .map(({ value }) => (JSON.parse(value!) as { value: { id: string } }).value.id)
        const parked = outcome.parked().map(fateOf)
        const counted = outputs.flatMap(({ ids }) => ids.values)
        const fates = [...[...counted, ...late].map(placeOf), ...parked].toSorted()
        const windows = latestOf(outputs, windowOf, sortedIds)
        return [
          ...differences('fates of lines', fates, placesOf(input)),
          ...(punctual ? differences('late', late, []) : []),
          ...outputs.filter(({ count, ids }) => count !== ids.values.length).map(() => 'a count is not its lines'),
          ...differences('windows', windows, expectedWindows(input, [...late.map(placeOf), ...parked])),
          ...differences('rows', outcome.table('counts-table'), latestOf(outputs, windowOf, rowOf)),
        ]
      },
    }
  },
}

const pad = (n: number): string => String(n).padStart(16, '0')
const windowOf = ({ key, window }: Counted): string => `${JSON.stringify(key)}|${pad(window.start)}/${pad(window.end)}`
const rowOf = (_: unknown, { count, ids }: Counted) => ({ count, ids })
/** Lines of several hosts come in any order. A window that is put out twice shows its lines twice. */
const sortedIds = (held: string[] | undefined, { ids }: Counted): string[] =>
  [...(held ?? []), ...ids.values].toSorted()

/** The place of a parked line in the source, wherever it was parked. */
const fateOf = ({ topic, partition, offset, text }: Parked): string =>
  topic === 'logs' ? `${partition}-${offset}` : placeOf((JSON.parse(text) as { id: string }).id)

/** The rule: every line that is neither late nor parked stands in the window of its time. */
function expectedWindows(
  input: readonly (readonly InputRecord[])[],
  without: readonly string[],
): Record<string, unknown> {
  const windows: Record<string, string[]> = {}
  for (const { value } of input.flat()) {
    if (!value?.startsWith('{')) continue
    const { id, service, level, at } = JSON.parse(value) as z.infer<typeof log>
    if (without.includes(placeOf(id))) continue
    const start = at - (at % WINDOW_MS)
    const name = `["${service}","${level}"]|${pad(start)}/${pad(start + WINDOW_MS)}`
    windows[name] = [...(windows[name] ?? []), id].toSorted()
  }
  return windows
}

function records(dice: Dice, partition: number, inOrder: boolean): InputRecord[] {
  const next = eventTimes(dice, inOrder)
  return Array.from({ length: dice.between(6, 22) }, (_, n) => {
    const host = `host-${partition}`
    const service = dice.pick(['api', 'db', 'web', 'mail', 'auth'])
    const level = dice.pick(['info', 'warn', 'error'])
    return recordOf(dice, host, { id: idOf(dice, partition, n), host, service, level, at: next() })
  })
}
