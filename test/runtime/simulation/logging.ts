import { z } from 'zod'
import { collect, count, ms, processor, table, topic, tumbling } from '#millrace'
import { type Parked, parkedIn } from './parked.ts'
import type { Scheduler } from './scheduler.ts'
import { hastyOptions, type InputRecord, idOf, placeOf, punctualOptions, type Topology } from './topology.ts'
import { differences, latestOf } from './verdicts.ts'

const START_MS = 1_760_000_000_000
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
 * Lines per service and level: keyed by host, re-keyed, counted in windows, on a topic and in a table.
 * `punctual`: each host's lines come in order and time never moves by silence, so that no line can be late.
 */
export function logging(scheduler: Scheduler, punctual: boolean): Topology {
  const partitions = scheduler.between(2, 3)
  const options = punctual ? punctualOptions : hastyOptions(scheduler)
  const logs = topic('logs', { schema: log, key: (l) => l.host, time: (l) => l.at, partitions })
  const counts = topic('counts', { schema: countSchema, partitions: 2 })
  const lateTopic = topic('late', { schema: lateSchema, partitions: 1 })
  const input = Array.from({ length: partitions }, (_, partition) => records(scheduler, partition, punctual))
  const logCounts = processor('log-counts', options)
    .from(logs)
    .keyBy((l) => [l.service, l.level])
    .window(tumbling(ms(WINDOW_MS)).grace(ms(GRACE_MS)))
    .aggregate({ count: count(), ids: collect(50, (l) => l.id) })
    .to(counts)
    .to(table('counts-table'))
    .late(lateTopic, { map: ({ value }) => ({ value }) })
  return {
    name: `logging${punctual ? ', punctual' : ''}`,
    processors: [logCounts],
    source: 'logs',
    input,
    judge(outcome) {
      const outputs = outcome.topic('counts').map(({ value }) => JSON.parse(value!) as Counted)
      const late = outcome.topic('late').map(({ value }) => (JSON.parse(value!) as { value: { id: string } }).value.id)
      const parked = parkedIn(outcome).map(fateOf)
      const counted = outputs.flatMap(({ ids }) => ids.values)
      const problems = differences(
        'fates of lines',
        [...[...counted, ...late].map(placeOf), ...parked].toSorted(),
        placesOf(input),
      )
      if (punctual) problems.push(...differences('late', late, []))
      for (const { count, ids } of outputs) if (count !== ids.values.length) problems.push('a count is not its lines')
      problems.push(
        ...differences(
          'windows',
          latestOf(outputs, windowOf, sortedIds),
          expectedWindows(input, [...late.map(placeOf), ...parked]),
        ),
      )
      problems.push(...differences('rows', outcome.table('counts-table'), latestOf(outputs, windowOf, rowOf)))
      return problems
    },
  }
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

const placesOf = (input: Topology['input']): string[] =>
  input.flatMap((records, partition) => records.map((_, offset) => `${partition}-${offset}`)).toSorted()

/** The rule: every line that is neither late nor parked stands in the window of its time. */
function expectedWindows(input: Topology['input'], without: readonly string[]): Record<string, unknown> {
  const windows: Record<string, string[]> = {}
  for (const { value } of input.flat()) {
    if (!value.startsWith('{')) continue
    const { id, service, level, at } = JSON.parse(value) as z.infer<typeof log>
    if (without.includes(placeOf(id))) continue
    const start = at - (at % WINDOW_MS)
    const name = `["${service}","${level}"]|${pad(start)}/${pad(start + WINDOW_MS)}`
    windows[name] = [...(windows[name] ?? []), id].toSorted()
  }
  return windows
}

function records(scheduler: Scheduler, partition: number, inOrder: boolean): InputRecord[] {
  let now = START_MS
  return Array.from({ length: scheduler.between(6, 22) }, (_, n) => {
    now += scheduler.between(0, 4_000)
    const at = inOrder || scheduler.chance(0.75) ? now : Math.max(START_MS, now - scheduler.between(0, 40_000))
    const host = `host-${partition}`
    const service = scheduler.pick(['api', 'db', 'web', 'mail', 'auth'])
    const level = scheduler.pick(['info', 'warn', 'error'])
    const value = JSON.stringify({ id: idOf(scheduler, partition, n), host, service, level, at })
    return { key: host, value: scheduler.chance(0.04) ? value.slice(1) : value, timestampMs: at }
  })
}
