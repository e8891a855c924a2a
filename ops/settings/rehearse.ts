import type { BrokerRecord } from '../../shared/broker/broker.ts'
import { encodeCellName } from '../../shared/engine/cell-name.ts'
import { Fold } from '../../shared/engine/fold.ts'
import { type Parking, startPosition } from '../../shared/engine/fold-spec.ts'
import { keyAddress } from '../../shared/engine/key.ts'
import { type Output, PARKED } from '../../shared/engine/outputs.ts'
import type { RuleSettings } from '../../shared/engine/rules/rule-settings.ts'
import { State } from '../../shared/engine/state.ts'
import { MillraceError } from '../../shared/errors.ts'
import { journalName } from '../../shared/journal/item-keys.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import { settingsCells } from '../../shared/processor/settings.ts'
import { decoder } from '../../shared/runtime/decode.ts'
import { eventRecord } from '../../shared/runtime/event-record.ts'
import { readingOf } from '../../shared/runtime/time-lanes.ts'
import type { OutgoingRecord } from '../../shared/sinks/sink.ts'
import { cellAt } from '../journal/cell-history.ts'
import { keyHistory } from '../journal/key-history.ts'
import type { Target } from '../target.ts'
import { topicRecords } from '../topic-records.ts'
import type { FoundSettings } from './find.ts'
import { waitingOf } from './standing.ts'

/** Nothing is committed, so nothing has to be cut. */
const UNCUT = Number.POSITIVE_INFINITY

/** A version by its number; 0 and `{}`: nothing was ever sent, all is as declared. */
export interface Numbered {
  readonly version: number
  readonly document: RuleSettings
}

/** What a change would come to. */
export interface Rehearsal {
  /** The newest version that is made. */
  readonly made: Numbered
  /** Changes that were sent before and are not applied yet. */
  readonly waiting: number
  /** The newest version when those are applied. */
  readonly before: Numbered
  /** The version that the change makes. */
  readonly after: Numbered
}

/**
 * Lets the processor of the settings take what waits and then the change, as its function will: on a copy of its state,
 * of which nothing is kept.
 *
 * @throws MillraceError what the change would be parked with
 */
export async function rehearse(target: Target, found: FoundSettings, change: OutgoingRecord): Promise<Rehearsal> {
  const { applying, spec } = found
  const { from, to } = await waitingOf(target, found)
  const { fold, refused } = await foldOf(target, applying, keyAddress(spec.name))
  const newest = (): Numbered => newestIn(fold.state, keyAddress(spec.name))
  const made = newest()
  const decode = decoder(applying)
  for await (const record of topicRecords(target.broker, applying.source.name, 0, from, to))
    fold.take(decode(eventRecord(record)), UNCUT)
  const before = newest()
  refused.length = 0
  // Somebody else's may have been sent and applied since the topic's end was read.
  const offset = Math.max(to, fold.position.offset + 1)
  fold.take(decode(eventRecord(recordAt(applying.source.name, offset, change))), UNCUT)
  if (refused[0] !== undefined) throw refused[0]
  return { made, waiting: to - from, before, after: newest() }
}

/** `refused` gets what records are parked with. */
async function foldOf(target: Target, stage: Stage, address: string) {
  const history = await keyHistory(target.journal, journalName({ ...stage, partition: 0 }), new Set([address]))
  const head = history?.heads.at(-1)
  if (head !== undefined && head.signature !== stage.program.signature)
    throw new MillraceError('STATE_SIGNATURE_CHANGED', {
      scope: stage.id,
      stored: head.signature,
      running: stage.program.signature,
    })
  const state = new State()
  for (const cell of history?.cells ?? []) {
    const now = cellAt(cell, head!.seq)
    if (typeof now !== 'string') state.load({ key: cell.key, id: cell.id, ...now })
  }
  const refused: MillraceError[] = []
  const parked = (_: unknown, ...why: ConstructorParameters<typeof MillraceError>): Output => {
    refused.push(new MillraceError(...why))
    return { to: PARKED, key: null, value: null, timeMs: 0, sort: '' }
  }
  const parking: Parking = { record: parked, cell: (cell, code, facts) => parked(cell, code, facts) }
  const position = startPosition()
  if (head !== undefined) Object.assign(position, { offset: head.offset, streamTimeMs: head.streamTimeMs })
  return { fold: new Fold(stage.program.stateful!, parking, readingOf(stage, 0), state, position), refused }
}

function newestIn(state: State, address: string): Numbered {
  const cells = state.ofKey(address)
  const version = (cells.find(encodeCellName(settingsCells.newest))?.decoded() as number | undefined) ?? 0
  const document = cells.find(encodeCellName(settingsCells.version(version)))?.decoded()
  return { version, document: (document ?? {}) as RuleSettings }
}

const recordAt = (topic: string, offset: number, { key, value, timestampMs }: OutgoingRecord): BrokerRecord => ({
  ...{ topic, partition: 0, offset, timestampMs },
  timestampType: 'CREATE_TIME',
  key: key === null ? null : Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
  headers: [],
})
