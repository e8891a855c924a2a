import { Fold } from '../../shared/engine/fold.ts'
import { startPosition } from '../../shared/engine/fold-spec.ts'
import type { Machine } from '../../shared/engine/machine.ts'
import type { Output, OutputSpec } from '../../shared/engine/outputs.ts'
import { pattern } from '../../shared/engine/patterns/pattern.ts'
import { patternMachine } from '../../shared/engine/patterns/pattern-machine.ts'
import { State } from '../../shared/engine/state.ts'
import { minutes, ms } from '../../shared/time.ts'

interface Payment {
  readonly id: string
  readonly amount: number
}

/** The order in which events are looked at. */
export type Order = 'arrival' | 'event-time'

/** What an event costs when its card has so many open small payments. */
export interface EventCost {
  /** Of the processor, by all threads. */
  readonly microsecondsPerEvent: number
  /** That, to the median of all sizes in the same round. */
  readonly timeInRound: number
  /** Names and texts of the cells that a commit writes, uncompressed. */
  readonly journalBytesPerEvent: number
  readonly stateBytes: number
}

/** So many events measured, on cards that have had one of `sizes` before, `warmUps` times for nothing and then `rounds` times. */
export interface GrowthRequest {
  readonly order: Order
  readonly sizes: readonly number[]
  readonly measured: number
  readonly rounds: number
  readonly warmUps: number
}

const STEP_MS = 2
const START_MS = 1_000_000
const EVENTS_PER_COMMIT = 100

const outputs: OutputSpec[] = [{ what: 'result', target: 'topic', where: undefined, map: undefined, keyOf: undefined }]
const parked: Output = { to: -1, key: null, value: null, timeMs: 0, sort: '' }
const parking = { record: () => parked, cell: () => parked }

const machineOf = (order: Order) => {
  const start = pattern<Payment>()
  const begun = order === 'arrival' ? start.order('arrival') : start.order('event-time', { grace: ms(10) })
  const built = begun
    .begin('small', (tx) => tx.amount < 100)
    .atLeast(3)
    .followedBy('large', (tx) => tx.amount > 1_000)
    .within(minutes(5))
    .skip('past-last-event')
  return patternMachine(built, (match) => ({ named: match.all().length, more: match.more }))
}

/** A card with one small payment after the other, all inside the window. */
export class Card {
  readonly #fold: Fold
  #events = 0
  #offset = 0

  constructor(order: Order) {
    const machine = machineOf(order) as Machine<unknown, unknown>
    const place = { topic: 'payments', partition: 0 }
    this.#fold = new Fold({ ops: [], machine, outputs, timeLanes: 0 }, parking, place, new State(), startPosition())
  }

  /** Takes small payments until it has had `events`. */
  growTo(events: number): void {
    while (this.#events < events) this.#commit(Math.min(EVENTS_PER_COMMIT, events - this.#events))
  }

  /** What the next events cost. */
  measure(events: number): EventCost {
    const before = process.cpuUsage()
    let bytes = 0
    for (let n = 0; n < events; n += EVENTS_PER_COMMIT) bytes += this.#commit(EVENTS_PER_COMMIT)
    const { user, system } = process.cpuUsage(before)
    return {
      microsecondsPerEvent: (user + system) / events,
      timeInRound: 1,
      journalBytesPerEvent: bytes / events,
      stateBytes: this.#stateBytes(),
    }
  }

  /** The match of all of them. @returns how many events it names, and how many it counts only */
  match(): { named: number; more: number } {
    this.#take({ id: 'large', amount: 5_000 })
    this.#fold.advanceTo(this.#nowMs() + 1_000, Number.POSITIVE_INFINITY)
    return JSON.parse(this.#fold.outputs.at(-1)!.value!)
  }

  #nowMs(): number {
    return START_MS + this.#events * STEP_MS
  }

  #commit(events: number): number {
    for (let n = 0; n < events; n++) {
      this.#events++
      const id = `payment-${String(this.#events).padStart(20, '0')}`
      this.#take({ id, amount: 5 })
    }
    let bytes = 0
    for (const { id, text } of this.#fold.state.changes()) bytes += id.length + (text?.length ?? 0)
    this.#fold.confirm()
    return bytes
  }

  #take(value: Payment): void {
    const record = { offset: this.#offset++, timeMs: this.#nowMs(), value }
    const other = { address: 'card', identity: undefined, timeLane: 0, raw: undefined }
    this.#fold.take({ kind: 'value', ...record, ...other }, Number.POSITIVE_INFINITY)
  }

  #stateBytes(): number {
    let bytes = 0
    for (const cell of this.#fold.state.cells()) bytes += cell.id.length + cell.encoded().length
    return bytes
  }
}
