import { type ErrorCode, type Facts, MillraceError } from '../errors.ts'
import { EventContext } from './event-context.ts'
import {
  type FoldRecord,
  type FoldSpec,
  foldLimits,
  type Parking,
  type Position,
  partitionBounds,
  type Redriven,
} from './fold-spec.ts'
import { Holes } from './holes.ts'
import { SeenLanes, TimeLanes } from './lanes.ts'
import type { PinnedSettings } from './machine.ts'
import { applyOps } from './ops.ts'
import type { Output } from './outputs.ts'
import { ParkedCells } from './parked-cells.ts'
import { parkedFor } from './parked-for.ts'
import { ParkedKeys } from './parked-keys.ts'
import type { Reading } from './place.ts'
import { type Cell, NO_WAKE, type State } from './state.ts'

/**
 * Applies events to the state of one partition. An event is a record **or** a due timer; after any of them the commit may
 * be cut, and whoever comes next fires what is still due and then takes the record.
 * Pure but for the state it is given: no clock, no I/O.
 */
export class Fold {
  readonly state: State
  readonly position: Position
  /** Outputs of the events since the last commit, in order. */
  outputs: Output[] = []
  /** Rough size of what the running commit would hold, in bytes before compression. */
  bytes = 0
  readonly #spec: FoldSpec
  readonly #parking: Parking
  readonly #lanes: SeenLanes
  readonly #timeLanes: TimeLanes | undefined
  readonly #context: EventContext
  #committed: Position
  readonly #holes: Holes
  readonly #parkedKeys: ParkedKeys
  readonly #parkedCells: ParkedCells

  constructor(spec: FoldSpec, parking: Parking, reading: Reading, state: State, position: Position) {
    this.#spec = spec
    this.#parking = parking
    this.state = state
    this.position = position
    this.#committed = copy(position)
    this.#lanes = new SeenLanes(state)
    this.#holes = new Holes(state)
    this.#parkedKeys = new ParkedKeys(state, this.#holes)
    this.#parkedCells = new ParkedCells(state)
    this.#timeLanes = spec.timeLanes > 0 ? new TimeLanes(state, spec.timeLanes) : undefined
    this.#context = new EventContext(this, spec.outputs, reading, spec.bounds ?? partitionBounds)
  }

  /** Settings that the events from here on see. */
  pin(settings: PinnedSettings | undefined): void {
    this.#context.settings = settings
  }

  /**
   * Takes the record and the timers that it makes due, while `bytes` is below `bytesMax`.
   * @returns true when the record is applied; false when the commit has to be cut before it
   * @throws MillraceError `HOLES_FULL` and `KEY_QUEUE_FULL` when the record would have to be parked: of it nothing is applied but its time
   */
  take(record: FoldRecord, bytesMax: number): boolean {
    if (record.offset <= this.position.offset) return true
    if (this.#isRepeat(record)) {
      this.state.beginEvent()
      this.position.counts.read++
      this.position.counts.duplicatesDropped++
    } else if (record.kind === 'value') {
      if (!this.advanceTo(this.#timeAt(record.timeLane, record.timeMs), bytesMax)) return false
      this.#takeValue(record)
    } else if (record.kind === 'progress') {
      if (!this.advanceTo(this.#timeAt(record.timeLane, record.timeMs), bytesMax)) return false
      this.state.beginEvent()
      this.#timeLanes?.advance(record.timeLane, record.timeMs)
    } else this.#takeUnused(record)
    this.position.offset = record.offset
    return true
  }

  /**
   * Takes a record that was parked, now, out of its order: it sees the state and the stream time of today, and may be
   * late. The hole is filled by the same commit, so that this happens once; the counts move from parked to what became of it.
   */
  redrive(record: FoldRecord): Redriven {
    const { counts } = this.position
    if (!this.#holes.has(record.offset)) return { outcome: 'not parked' }
    if (record.kind === 'bad') return { outcome: 'refused', code: record.code }
    if (record.kind !== 'value') {
      this.state.beginEvent()
      counts.filtered++
    } else {
      const { streamTimeMs } = this.position
      // Without any time, what it opens would never end.
      if (streamTimeMs < 0 && this.#timeLanes === undefined) this.position.streamTimeMs = record.timeMs
      const failure = this.#heldBefore(record.address, record.offset) ?? this.#handOver(record)
      if (failure !== undefined) {
        this.position.streamTimeMs = streamTimeMs
        return { outcome: 'refused', code: failure.code }
      }
      this.#keep()
    }
    counts.parked--
    this.#fill(record.offset)
    return { outcome: 'applied' }
  }

  /** Gives a parked record up: it can never be redriven. It stays counted as parked. */
  discard(offset: number): Redriven {
    if (!this.#holes.has(offset)) return { outcome: 'not parked' }
    this.state.beginEvent()
    this.#fill(offset)
    return { outcome: 'discarded' }
  }

  #fill(offset: number): void {
    this.#holes.remove(offset)
    this.#parkedKeys.remove(offset)
  }

  /** Number of parked records whose keys are held. */
  get held(): number {
    return this.#parkedKeys.size
  }

  /** Offsets of what waits behind nothing any more: to be redriven in this order. See {@link ParkedKeys.freed}. */
  freed(most: number, but: ReadonlySet<number>): number[] {
    return this.#parkedKeys.freed(most, but)
  }

  /**
   * Puts a cell back whose timer failed, and fires it, now: it sees the state and the stream time of today. It is gone from
   * where it was put aside by the same commit, so that this happens once.
   */
  redriveCell(address: string, name: string): Redriven {
    const parked = this.#parkedCells.find(address, name)
    if (parked === undefined) return { outcome: 'not parked' }
    const owner = this.state.ofKey(address)
    // What came since is newer than it.
    if (owner.find(parked.id) !== undefined) return { outcome: 'refused', code: 'CELL_TAKEN' }
    this.#context.beginTimer(owner, undefined, this.position.streamTimeMs)
    try {
      this.state.putText(owner, parked.id, parked.text, NO_WAKE)
      this.#spec.machine.onTimer(this.#context, parked.id, parked.timeMs)
    } catch (error) {
      this.#context.undo()
      return { outcome: 'refused', code: parkedFor(error, 'timer').code }
    }
    this.#keep()
    this.#parkedCells.remove(address, name)
    return { outcome: 'applied' }
  }

  /** Gives a cell up whose timer failed. */
  discardCell(address: string, name: string): Redriven {
    if (this.#parkedCells.find(address, name) === undefined) return { outcome: 'not parked' }
    this.state.beginEvent()
    this.#parkedCells.remove(address, name)
    return { outcome: 'discarded' }
  }

  /**
   * Deletes state of a key, timers included, and holds it no longer: `cellsMax` cells at most. Its parked records stay so.
   * @returns how many that were
   */
  forget(address: string, cellsMax: number): number {
    this.state.beginEvent()
    const cells = this.state.ofKey(address).range('').slice(0, cellsMax)
    for (const cell of cells) this.state.delete(cell)
    const aside = this.#parkedCells.forget(address, cellsMax - cells.length)
    return cells.length + aside + this.#parkedKeys.free(address, cellsMax - cells.length - aside).length
  }

  /** Fires what is due at `timeMs` and moves stream time there. @returns false when the commit has to be cut before that */
  advanceTo(timeMs: number, bytesMax: number): boolean {
    for (;;) {
      if (this.bytes >= bytesMax) return false
      const due = this.state.due(timeMs)
      if (due === undefined) break
      this.#fire(due)
    }
    if (timeMs > this.position.streamTimeMs) this.position.streamTimeMs = timeMs
    return true
  }

  /** True when events since the last commit have changed anything that a commit holds. */
  get hasChanged(): boolean {
    return this.position.offset !== this.#committed.offset || this.state.touchedCells > 0 || this.outputs.length > 0
  }

  /** Marks source partitions upstream as idle; their lack of records holds time back no longer. @returns the time then */
  markIdle(lanes: readonly number[]): number {
    this.state.beginEvent()
    this.#timeLanes?.markIdle(lanes)
    return Math.max(this.position.streamTimeMs, this.#timeLanes?.time() ?? this.position.streamTimeMs)
  }

  /** The commit is durable. */
  confirm(): void {
    this.state.confirmCommit()
    this.#committed = copy(this.position)
    this.#clear()
  }

  /** The commit was too large or lost: everything is as of the last confirmed one. */
  undo(): void {
    this.state.undoCommit()
    Object.assign(this.position, copy(this.#committed))
    this.#clear()
  }

  #clear(): void {
    this.outputs = []
    this.bytes = 0
  }

  #timeAt(timeLane: number, timeMs: number): number {
    const time = this.#timeLanes === undefined ? timeMs : this.#timeLanes.timeWith(timeLane, timeMs)
    return Math.max(this.position.streamTimeMs, time)
  }

  #isRepeat(record: FoldRecord): boolean {
    if (record.kind !== 'value' && record.kind !== 'bad') return false
    return record.identity !== undefined && this.#lanes.isRepeat(record.identity)
  }

  #takeUnused(record: Extract<FoldRecord, { kind: 'bad' | 'other' }>): void {
    const { counts } = this.position
    counts.read++
    this.state.beginEvent()
    if (record.kind === 'other') counts.filtered++
    else {
      this.#park(record, record.code, record.facts)
      if (record.identity !== undefined) this.#lanes.take(record.identity)
    }
  }

  #takeValue(record: Extract<FoldRecord, { kind: 'value' }>): void {
    this.position.counts.read++
    const failure = this.#heldBefore(record.address, record.offset) ?? this.#handOver(record)
    if (failure !== undefined) this.#park(record, failure.code, failure.facts)
    this.#noteLanes(record)
    if (failure === undefined) this.#keep()
  }

  /** undefined when nothing of the key that came before the record is parked, or the order does not matter. */
  #heldBefore(address: string, offset: number): { code: ErrorCode; facts: Facts } | undefined {
    if (this.#spec.holdsKeys !== true || this.#parkedKeys.size === 0) return undefined
    this.state.beginEvent()
    const first = this.#parkedKeys.first(address)
    return first === undefined || first >= offset ? undefined : { code: 'KEY_HELD', facts: {} }
  }

  /** Lets the machine take the record, and counts its fate. @returns why it could not; then nothing has changed */
  #handOver(record: Extract<FoldRecord, { kind: 'value' }>): { code: ErrorCode; facts: Facts } | undefined {
    const { counts } = this.position
    const context = this.#context
    context.beginRecord(record, this.position.streamTimeMs)
    let machineCalls = 0
    try {
      machineCalls = this.#runMachine(record)
    } catch (error) {
      context.undo()
      return parkedFor(error, 'record')
    }
    const judged = machineCalls - context.skipCalls
    if (judged === 0) counts.filtered++
    else if (context.lateCalls + context.repeatCalls !== judged) counts.counted++
    else if (context.lateCalls > 0) counts.late++
    else counts.duplicatesDropped++
    return undefined
  }

  /** @returns how many values the steps before the machine have let through to it */
  #runMachine(record: Extract<FoldRecord, { kind: 'value' }>): number {
    const { ops, machine } = this.#spec
    const context = this.#context
    if (ops.length === 0) {
      context.value = record.value
      machine.onRecord(context, record)
      return 1
    }
    let calls = 0
    applyOps(ops, record.value, (value) => {
      calls++
      context.value = value
      machine.onRecord(context, { value, timeMs: record.timeMs, offset: record.offset })
    })
    return calls
  }

  #noteLanes(record: Extract<FoldRecord, { kind: 'value' }>): void {
    if (record.identity !== undefined) this.#lanes.take(record.identity)
    this.#timeLanes?.advance(record.timeLane, record.timeMs)
  }

  #fire(cell: Cell): void {
    const timeMs = cell.wakeAtMs
    if (timeMs > this.position.streamTimeMs) this.position.streamTimeMs = timeMs
    this.#context.beginTimer(cell.owner, cell, this.position.streamTimeMs)
    this.state.wake(cell, NO_WAKE)
    try {
      this.#spec.machine.onTimer(this.#context, cell.id, timeMs)
      this.#keep()
    } catch (error) {
      this.#context.undo()
      this.#parkCell(cell, timeMs, parkedFor(error, 'timer'))
    }
  }

  #parkCell(cell: Cell, timeMs: number, { code, facts }: { code: ErrorCode; facts: Facts }): void {
    const parked = { key: cell.key, id: cell.id, text: cell.encoded(), timeMs }
    const bytesMax = foldLimits.parkedCellBytesMax
    if (this.#parkedCells.bytes >= bytesMax)
      throw new MillraceError('HOLES_FULL', { scope: 'This partition', max: bytesMax, what: 'bytes of failed timers' })
    this.state.beginEvent()
    this.state.delete(cell)
    const hasGoneOn = this.#spec.machine.onTimerParked?.(this.#context, cell.id, JSON.parse(parked.text)) === true
    const name = hasGoneOn ? undefined : this.#parkedCells.add(parked, this.position.offset)
    this.bytes += hasGoneOn ? 0 : parked.text.length
    this.#add(this.#parking.cell(parked, code, facts, name))
    this.#keep()
  }

  #keep(): void {
    for (const output of this.#context.outputs) {
      this.position.counts.emitted++
      this.#add(output)
    }
    this.position.counts.lateWindows += this.#context.lateWindowCount
    this.position.counts.partialMatchesDropped += this.#context.droppedCount
    this.position.counts.keptEventsDropped += this.#context.keptDroppedCount
    this.bytes += 60 + this.#context.bytes
  }

  #park(record: Extract<FoldRecord, { raw: unknown }>, code: ErrorCode, facts: Facts): void {
    const { counts } = this.position
    const { offset, address } = record
    const holds = this.#spec.holdsKeys === true && address !== undefined
    if (counts.parked >= foldLimits.holesMax || (holds && this.#parkedKeys.count(address) >= foldLimits.heldMax)) {
      counts.read--
      throw counts.parked >= foldLimits.holesMax
        ? new MillraceError('HOLES_FULL', { scope: 'This partition', max: foldLimits.holesMax })
        : new MillraceError('KEY_QUEUE_FULL', { max: foldLimits.heldMax })
    }
    this.#holes.add(offset)
    if (holds) this.#parkedKeys.add(address, offset, code === 'KEY_HELD')
    counts.parked++
    this.#add(this.#parking.record(record.raw, code, facts))
  }

  #add(output: Output): void {
    this.outputs.push(output)
    this.bytes += 60 + (output.key?.length ?? 0) + (output.value?.length ?? 0)
  }
}

const copy = (position: Position): Position => ({ ...position, counts: { ...position.counts } })
