import { MillraceError } from '../errors.ts'
import { BEFORE_ALL_TIME } from '../time.ts'
import type { Fold } from './fold.ts'
import { type FoldRecord, foldLimits, type PartitionBounds } from './fold-spec.ts'
import { type Key, keyOfAddress, keyText } from './key.ts'
import type { KeyCells } from './key-cells.ts'
import type { CellStore, Context, PinnedSettings, WindowBounds } from './machine.ts'
import { type Output, type OutputSpec, routeOutput, utf8Bytes } from './outputs.ts'
import { type EventPosition, type Place, positionOf, type Reading } from './place.ts'
import { type Cell, NO_WAKE } from './state.ts'

/** What a changed cell adds to a commit beside key, name and text: quotes, timer, separators. */
const CELL_OVERHEAD_BYTES = 32

/** One object per partition, pointed at each event in turn: what machines see of the fold. */
export class EventContext implements Context<unknown>, CellStore {
  readonly cells: CellStore = this
  readonly partition: number
  readonly topic: string
  streamTimeMs = -1
  settings: PinnedSettings | undefined = undefined
  /** The value that the machine is being given, for the late output. */
  value: unknown = undefined
  outputs: Output[] = []
  /** Bytes of the event's outputs and growing cells. */
  bytes = 0
  lateCalls = 0
  repeatCalls = 0
  lateWindowCount = 0
  skipCalls = 0
  droppedCount = 0
  keptDroppedCount = 0
  readonly wantsTimedOut: boolean
  readonly #fold: Fold
  readonly #specs: readonly OutputSpec[]
  readonly #bounds: PartitionBounds
  readonly #reading: Reading
  #address = ''
  // Looked up when a cell is asked for: most records of a filter never do.
  #owner: KeyCells | undefined
  /** The cell found last: of an event that has waited, mostly the one that is asked for again. */
  #found: Cell | undefined
  #key: Key | undefined
  #record: Extract<FoldRecord, { kind: 'value' }> | undefined

  constructor(fold: Fold, specs: readonly OutputSpec[], reading: Reading, bounds: PartitionBounds) {
    this.#fold = fold
    this.#specs = specs
    this.#bounds = bounds
    this.wantsTimedOut = specs.some((spec) => spec.what === 'timedOut')
    this.partition = reading.partition
    this.topic = reading.topic
    this.#reading = reading
  }

  /** Points it at a record. */
  beginRecord(record: Extract<FoldRecord, { kind: 'value' }>, streamTimeMs: number): void {
    this.#begin(record.address, undefined, streamTimeMs, record)
  }

  /** Points it at the timer of a cell, or at a key without an event of its own. */
  beginTimer(owner: KeyCells, cell: Cell | undefined, streamTimeMs: number): void {
    this.#begin(owner.key, owner, streamTimeMs, undefined)
    this.#found = cell
  }

  #begin(
    address: string,
    owner: KeyCells | undefined,
    streamTimeMs: number,
    record: Extract<FoldRecord, { kind: 'value' }> | undefined,
  ): void {
    this.#fold.state.beginEvent()
    this.#address = address
    this.#owner = owner
    this.#found = undefined
    this.#key = undefined
    this.#record = record
    this.streamTimeMs = streamTimeMs
    if (this.outputs.length > 0) this.outputs = []
    this.bytes = 0
    this.lateCalls = 0
    this.repeatCalls = 0
    this.lateWindowCount = 0
    this.skipCalls = 0
    this.droppedCount = 0
    this.keptDroppedCount = 0
  }

  undo(): void {
    this.#fold.state.undoEvent()
    if (this.#owner !== undefined) this.#fold.state.forgetDecoded(this.#owner)
    this.outputs = []
    this.bytes = 0
    this.lateWindowCount = 0
    this.droppedCount = 0
    this.keptDroppedCount = 0
  }

  get key(): Key {
    this.#key ??= keyOfAddress(this.#address)
    return this.#key
  }

  positionOf(place: Place): EventPosition {
    return positionOf(this.#reading, place)
  }

  emit(value: unknown, timeMs: number, window?: WindowBounds): void {
    this.#route(value, timeMs, window, false)
  }

  retract(like: unknown, timeMs: number, window?: WindowBounds): void {
    this.#route(like, timeMs, window, true)
  }

  #route(value: unknown, resultMs: number, window: WindowBounds | undefined, retracts: boolean): void {
    // Behind a re-key there is no stream time until every partition upstream was heard of.
    const isBefore = resultMs === BEFORE_ALL_TIME && this.streamTimeMs === BEFORE_ALL_TIME
    const timeMs = isBefore && this.#record !== undefined ? this.#record.timeMs : resultMs
    checkTime(timeMs)
    if (window !== undefined) {
      checkTime(window.start)
      checkTime(window.end)
    }
    const take = (output: Output) => this.#add(output)
    routeOutput(this.#specs, 'result', keyText(this.key), value, timeMs, window, take, retracts)
  }

  late(byMs: number): void {
    this.lateCalls++
    const record = this.#record
    if (record === undefined) return
    const value = { key: this.key, value: this.value, timeMs: record.timeMs, lateByMs: byMs }
    routeOutput(this.#specs, 'late', keyText(this.key), value, record.timeMs, undefined, (output) => this.#add(output))
  }

  repeat(): void {
    this.repeatCalls++
  }

  lateWindows(count: number): void {
    this.lateWindowCount += count
  }

  skip(): void {
    this.skipCalls++
  }

  timedOut(make: () => unknown, timeMs: number): void {
    if (!this.wantsTimedOut) return
    checkTime(timeMs)
    routeOutput(this.#specs, 'timedOut', keyText(this.key), make(), timeMs, undefined, (output) => this.#add(output))
  }

  partialMatchesDropped(count: number): void {
    this.droppedCount += count
  }

  keptEventsDropped(count: number): void {
    this.keptDroppedCount += count
  }

  get size(): number {
    return this.#own().size
  }

  has(from: string, to: string): boolean {
    const cell = this.#own().firstFrom(from)
    return cell !== undefined && cell.id < to
  }

  count(from: string, to: string): number {
    return this.#own().count(from, to)
  }

  get(id: string): unknown {
    return this.#find(id)?.decoded()
  }

  put(id: string, value: unknown, wakeAtMs: number = NO_WAKE): void {
    this.#grow(this.#address.length + id.length + CELL_OVERHEAD_BYTES)
    this.#checkRoom(id)
    this.#fold.state.put(this.#own(), id, value, wakeAtMs)
  }

  putSized(id: string, value: unknown, wakeAtMs: number = NO_WAKE): void {
    const text = JSON.stringify(value)
    if (text === undefined) throw new MillraceError('CODE_FAILED', { error: 'state that is not JSON', what: 'record' })
    const bytes = bytesOf(text)
    if (bytes > foldLimits.cellBytesMax)
      throw new MillraceError('CELL_TOO_LARGE', { bytes, max: foldLimits.cellBytesMax })
    this.#grow(bytes + this.#address.length + id.length + CELL_OVERHEAD_BYTES)
    this.#checkRoom(id)
    this.#fold.state.putText(this.#own(), id, text, wakeAtMs)
  }

  wake(id: string, wakeAtMs: number): void {
    const cell = this.#find(id)
    if (cell === undefined) return
    this.#grow(this.#address.length + id.length + CELL_OVERHEAD_BYTES)
    this.#fold.state.wake(cell, wakeAtMs)
  }

  delete(id: string): void {
    const cell = this.#find(id)
    if (cell === undefined) return
    this.#grow(this.#address.length + id.length + CELL_OVERHEAD_BYTES)
    this.#fold.state.delete(cell)
  }

  range(from: string, to: string): [string, unknown][] {
    return this.#own()
      .range(from, to)
      .map((cell) => [cell.id, cell.decoded()])
  }

  ids(from: string, to: string, max?: number): string[] {
    return this.#own()
      .range(from, to, max)
      .map((cell) => cell.id)
  }

  first(from: string, to: string): [string, unknown] | undefined {
    const cell = this.#own().firstFrom(from)
    return cell === undefined || cell.id >= to ? undefined : [cell.id, cell.decoded()]
  }

  last(from: string, to: string): [string, unknown] | undefined {
    const cell = this.#own().lastBelow(to)
    return cell === undefined || cell.id < from ? undefined : [cell.id, cell.decoded()]
  }

  #own(): KeyCells {
    this.#owner ??= this.#fold.state.ofKey(this.#address)
    return this.#owner
  }

  #find(id: string): Cell | undefined {
    const last = this.#found
    if (last !== undefined && last.id === id && last.alive) return last
    this.#found = this.#own().find(id)
    return this.#found
  }

  #add(output: Output): void {
    this.#grow(bytesOf(output.value ?? '') + bytesOf(output.key ?? ''))
    this.outputs.push(output)
  }

  /** Timers may add cells: they are how state ends. */
  #checkRoom(id: string): void {
    const { userKeys, userCells } = this.#fold.state
    const { keysMax, cellsMax } = this.#bounds
    if (userCells < cellsMax && (userKeys < keysMax || this.#own().size > 0)) return
    if (this.#record === undefined || this.#find(id) !== undefined) return
    const [what, max] = userCells < cellsMax ? ['keys', keysMax] : ['pieces of state', cellsMax]
    throw new MillraceError('PARTITION_FULL', { what, max })
  }

  /** An event must fit one journal item, whatever else the commit holds: the last resort of a cut is one event. */
  #grow(bytes: number): void {
    this.bytes += bytes
    if (this.bytes > foldLimits.eventBytesMax)
      throw new MillraceError('OUTPUTS_TOO_MANY', { bytes: this.bytes, max: foldLimits.eventBytesMax })
  }
}

const beyondAscii = /[\u0080-\uffff]/

/** Most texts are ASCII: finding that out is several times faster than measuring. */
const bytesOf = (text: string): number => (beyondAscii.test(text) ? utf8Bytes(text) : text.length)

/** An output's time is written where only whole numbers fit: refused here, it is parked; later it would block. */
function checkTime(timeMs: number): void {
  if (!Number.isSafeInteger(timeMs) || timeMs < 0) throw new MillraceError('TIME_INVALID')
}
