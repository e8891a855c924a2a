import { MillraceError } from '../../shared/errors.ts'
import type { Plan } from '../../shared/processor/plan-types.ts'
import type { ParkedRecord } from '../../shared/runtime/parking.ts'
import { type Standing, standingOf } from '../parked/holes.ts'
import { originalOf } from '../parked/original.ts'
import { readParked, type Selection } from '../parked/read.ts'
import { hexDump, printable } from '../printable.ts'
import { tableText, timeText } from '../table.ts'
import type { Outcome, Target } from '../target.ts'

const SHOWN_BYTES_MAX = 4_096

/** What is parked, by reason, and the first `limit` of it. What is done with is left out unless `all`. */
export async function parkedList(
  target: Target,
  plan: Plan,
  selection: Selection,
  { limit, all }: { limit: number; all: boolean },
): Promise<Outcome> {
  const { records, foreign } = await readParked(target.broker, selection)
  const standing = standingOf(target.journal, plan, records)
  const found: (Standing & { parked: ParkedRecord })[] = []
  for (const parked of records) {
    const each = await standing(parked)
    if (all || each.state !== 'done') found.push({ parked, ...each })
  }
  const sums = Map.groupBy(found, ({ parked }) => `${parked.processor}\n${parked.reason}`)
  const sumRows = [...sums].map(([name, each]) => [...name.split('\n'), each.length])
  // What only waits behind another of its key is told of beside that one.
  const shown = found.filter(({ state }) => all || state !== 'held')
  const rows = shown
    .slice(0, limit)
    .map(({ parked, state, behind }) => [
      ...[parked.id, parked.reason, timeText(parked.timestamp), parked.bytes],
      behind > 0 ? `${state}, ${behind} behind it` : state,
    ])
  const more = shown.length > limit ? [`${shown.length - limit} more: --limit N shows them.`] : []
  const others = foreign > 0 ? [`${foreign} records of the topic are none of ours, and are left alone.`] : []
  const text = [
    tableText(['processor', 'reason', 'records'], sumRows),
    ...(shown.length === 0 ? [] : [tableText(['id', 'reason', 'timestamp', 'bytes', 'state'], rows)]),
    ...more,
    ...others,
  ].join('\n')
  return { text, json: { records: found.map(({ parked, ...each }) => ({ ...parked, ...each })), foreign } }
}

/** One parked record: where it came from, why it is here, and its bytes. @throws MillraceError `USAGE` for an unknown id */
export async function parkedShow(target: Target, plan: Plan, id: string): Promise<Outcome> {
  const [parked] = (await readParked(target.broker, { id })).records
  if (parked === undefined)
    throw new MillraceError('USAGE', {
      problem: `Nothing is parked under the id ${JSON.stringify(id)}.`,
      fix: 'See parked list --all; parked records are kept for 14 days.',
    })
  const { state, behind } = await standingOf(target.journal, plan, [parked])(parked)
  const original = await originalOf(target.broker, parked)
  const value = parked.value ?? ('record' in original ? original.record.value : undefined)
  const where = `${parked.topic}, partition ${parked.partition}, offset ${parked.offset}`
  const text = [
    `id         ${printable(parked.id)}`,
    `reason     ${printable(parked.reason)}: ${printable(parked.detail)}`,
    `from       ${printable(where)}, ${timeText(parked.timestamp) ?? parked.timestamp}`,
    `processor  ${printable(parked.processor)}, generation ${parked.generation}, stage ${printable(parked.stage)}`,
    `state      ${state}${behind > 0 ? `, ${behind} of its key wait behind it` : ''}${'missing' in original && state === 'waiting' ? ` (${printable(original.missing)})` : ''}`,
    `key        ${bytesText(parked.key)}`,
    ...parked.headers.map(([name, bytes]) => `header     ${printable(String(name))}: ${bytesText(String(bytes))}`),
    `value      ${parked.bytes} bytes`,
    ...(typeof value === 'string' ? [valueText(value)] : []),
  ].join('\n')
  return { text, json: { ...parked, value: value ?? null, state, behind } }
}

const bytesText = (base64: string | null): string =>
  base64 === null ? '(none)' : printable(JSON.stringify(Buffer.from(base64, 'base64').toString()))

function valueText(base64: string): string {
  const bytes = Buffer.from(base64, 'base64')
  const shown = bytes.subarray(0, SHOWN_BYTES_MAX)
  const cut = bytes.length > shown.length ? `\n… the first ${shown.length} bytes; --json has all, as base64` : ''
  return `${printable(shown.toString())}\n${hexDump(shown)}${cut}`
}
