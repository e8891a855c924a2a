import { decodeCellName } from '../../shared/engine/cell-name.ts'
import { type Key, keyAddress, keyOfAddress, keyOfText, keyText } from '../../shared/engine/key.ts'
import { MillraceError } from '../../shared/errors.ts'
import { journalName } from '../../shared/journal/item-keys.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import { partitionFor } from '../../shared/sinks/partitioner.ts'
import { cellAt } from '../journal/cell-history.ts'
import { type KeyHistory, keyHistory } from '../journal/key-history.ts'
import { printable } from '../printable.ts'
import { timeText } from '../table.ts'
import type { Outcome, Target } from '../target.ts'

/** What a key on the command line may mean: the text itself, and what it says as JSON, as in `42` or `["api","error"]`. */
export function addressesOf(text: string): readonly string[] {
  const json = keyOfText(text, 'json')
  return json === undefined ? [keyAddress(text)] : [keyAddress(text), keyAddress(json)]
}

interface FoundCell {
  readonly partition: number
  readonly key: Key
  readonly cell: string
  /** Epoch ms of its timer. */
  readonly wakeAtMs: number | undefined
  /** undefined: not known any more. */
  readonly value: unknown
}

/**
 * The pieces of state of a key: as they are, or as the last commit left them that was not past `offset`.
 * Looked for where Kafka's partitioner puts the key, and then everywhere.
 * @throws MillraceError `USAGE` when the ring does not reach back to `offset`
 */
export async function stateGet(
  target: Target,
  stage: Stage,
  keyGiven: string,
  { at, partition }: { at?: number; partition?: number },
): Promise<Outcome> {
  const addresses = new Set(addressesOf(keyGiven))
  const all = [...Array(stage.source.partitions).keys()]
  const likely = new Set([...addresses].map((each) => partitionFor(keyText(keyOfAddress(each)), all.length)))
  const order = partition === undefined ? [...likely, ...all.filter((each) => !likely.has(each))] : [partition]
  for (const each of order) {
    const history = await keyHistory(target.journal, journalName({ ...stage, partition: each }), addresses)
    if (history === undefined || history.cells.length === 0) continue
    return outcomeOf(stage, each, history, at)
  }
  return { text: `${stage.id} has no state for the key ${printable(JSON.stringify(keyGiven))}.`, json: [] }
}

function outcomeOf({ id }: Stage, partition: number, { heads, cells }: KeyHistory, at: number | undefined): Outcome {
  const head = at === undefined ? heads.at(-1)! : heads.findLast(({ offset }) => offset <= at)
  if (head === undefined)
    throw new MillraceError('USAGE', {
      problem: `The journal of ${id}, partition ${partition}, does not reach back to offset ${at}.`,
      fix: `It tells of offset ${heads[0]!.offset} and later.`,
    })
  const found: FoundCell[] = []
  for (const cell of cells) {
    const then = cellAt(cell, head.seq)
    if (then === 'absent') continue
    const known = then === 'unknown' ? undefined : then
    found.push({
      partition,
      key: keyOfAddress(cell.key),
      cell: cell.id,
      wakeAtMs: known && known.wakeAtMs >= 0 ? known.wakeAtMs : undefined,
      value: known && (JSON.parse(known.text) as unknown),
    })
  }
  const when = `Partition ${partition} as of commit ${head.seq} (offset ${head.offset}): ${found.length} pieces of state.`
  return { text: [when, ...found.map(cellText)].join('\n'), json: found }
}

function cellText({ key, cell, wakeAtMs, value }: FoundCell): string {
  const timer = wakeAtMs === undefined ? '' : `, timer at ${timeText(wakeAtMs) ?? wakeAtMs}`
  const shown = value === undefined ? 'not known any more: the ring has gone round' : JSON.stringify(value)
  return `${printable(keyText(key))} / ${printable(JSON.stringify(decodeCellName(cell)))}${timer}\n  ${printable(shown)}`
}
