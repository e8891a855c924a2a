import type { CellStore, Context, WindowBounds } from './machine.ts'
import type { EventPosition, Place } from './place.ts'

/** A context that passes everything on to another: what stands between the fold and a machine overrides what differs. */
export class ContextView<Out> implements Context<Out>, CellStore {
  readonly cells: CellStore = this
  protected outer!: Context<Out>

  /** Points it at the event at hand; valid as long as `outer` is. */
  of(outer: Context<Out>): this {
    this.outer = outer
    return this
  }
  get key(): Context<Out>['key'] {
    return this.outer.key
  }
  get streamTimeMs(): number {
    return this.outer.streamTimeMs
  }
  get partition(): number {
    return this.outer.partition
  }
  get topic(): string {
    return this.outer.topic
  }
  positionOf(place: Place): EventPosition {
    return this.outer.positionOf(place)
  }
  get settings(): Context<Out>['settings'] {
    return this.outer.settings
  }
  get wantsTimedOut(): boolean {
    return this.outer.wantsTimedOut
  }
  emit(value: Out | null, timeMs: number, window?: WindowBounds): void {
    this.outer.emit(value, timeMs, window)
  }
  retract(like: Out, timeMs: number, window?: WindowBounds): void {
    this.outer.retract(like, timeMs, window)
  }
  late(byMs: number): void {
    this.outer.late(byMs)
  }
  lateWindows(count: number): void {
    this.outer.lateWindows(count)
  }
  repeat(): void {
    this.outer.repeat()
  }
  skip(): void {
    this.outer.skip()
  }
  timedOut(make: () => unknown, timeMs: number): void {
    this.outer.timedOut(make, timeMs)
  }
  partialMatchesDropped(count: number): void {
    this.outer.partialMatchesDropped(count)
  }
  keptEventsDropped(count: number): void {
    this.outer.keptEventsDropped(count)
  }
  get size(): number {
    return this.outer.cells.size
  }
  has(from: string, to: string): boolean {
    return this.outer.cells.has(from, to)
  }
  count(from: string, to: string): number {
    return this.outer.cells.count(from, to)
  }
  get(id: string): unknown {
    return this.outer.cells.get(id)
  }
  put(id: string, value: unknown, wakeAtMs?: number): void {
    this.outer.cells.put(id, value, wakeAtMs)
  }
  putSized(id: string, value: unknown, wakeAtMs?: number): void {
    this.outer.cells.putSized(id, value, wakeAtMs)
  }
  wake(id: string, wakeAtMs: number): void {
    this.outer.cells.wake(id, wakeAtMs)
  }
  delete(id: string): void {
    this.outer.cells.delete(id)
  }
  range(from: string, to: string): [id: string, value: unknown][] {
    return this.outer.cells.range(from, to)
  }
  ids(from: string, to: string, max?: number): string[] {
    return this.outer.cells.ids(from, to, max)
  }
  first(from: string, to: string): [id: string, value: unknown] | undefined {
    return this.outer.cells.first(from, to)
  }
  last(from: string, to: string): [id: string, value: unknown] | undefined {
    return this.outer.cells.last(from, to)
  }
}
