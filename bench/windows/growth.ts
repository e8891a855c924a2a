import { combine } from '../../shared/engine/aggregates/aggregate.ts'
import { count, mean } from '../../shared/engine/aggregates/numbers.ts'
import { sum } from '../../shared/engine/aggregates/sum.ts'
import { Fold } from '../../shared/engine/fold.ts'
import { startPosition } from '../../shared/engine/fold-spec.ts'
import type { Machine } from '../../shared/engine/machine.ts'
import type { Output, OutputSpec } from '../../shared/engine/outputs.ts'
import { State } from '../../shared/engine/state.ts'
import { session } from '../../shared/engine/windows/session.ts'
import { tumbling } from '../../shared/engine/windows/tumbling.ts'
import type { EmitMode, Window } from '../../shared/engine/windows/window.ts'
import { windowMachine } from '../../shared/engine/windows/window-machine.ts'
import { encodeCells, zstd } from '../../shared/journal/codec.ts'
import { journalDefaults } from '../../shared/journal/journal.ts'
import { days, seconds } from '../../shared/time.ts'

/** What 200,000 keys have come to after a while. */
const BUCKETS = 16
const WINDOW_MS = 10_000
const START_MS = 1_000_000_000

const kinds: Readonly<Record<'tumbling' | 'session', Window<EmitMode>>> = {
  tumbling: tumbling(WINDOW_MS).grace(days(30)),
  session: session({ gap: seconds(1) }).grace(days(30)),
}
export type Kind = keyof typeof kinds

const outputs: OutputSpec[] = [{ what: 'result', target: 'topic', where: undefined, map: undefined, keyOf: undefined }]
const parked: Output = { to: -1, key: null, value: null, timeMs: 0, sort: '' }
const parking = { record: () => parked, cell: () => parked }

/** How much of everything a partition has. */
export interface PartitionSize {
  readonly keys: number
  /** Open windows of each key. */
  readonly windows: number
  /** Records of one commit: each cell is encoded once in it. */
  readonly perCommit: number
}

/** A partition with so many keys, each with so many open windows, none of which closes while it is measured. */
export class Partition {
  readonly #fold: Fold
  readonly #keys: number
  readonly #windows: number
  readonly #perCommit: number
  #offset = 0
  #next = 0

  constructor(kind: Kind, { keys, windows, perCommit }: PartitionSize) {
    type Value = { amount: number }
    const amount = (value: Value) => value.amount
    const aggregate = combine<Value>({ count: count(), total: sum(amount), mean: mean(amount) })
    const machine = windowMachine(kinds[kind], aggregate, { final: true, updates: undefined }) as Machine<
      unknown,
      unknown
    >
    const place = { topic: 'payments', partition: 0 }
    this.#fold = new Fold({ ops: [], machine, outputs, timeLanes: 0 }, parking, place, new State(), startPosition())
    this.#keys = keys
    this.#windows = windows
    this.#perCommit = perCommit
    for (let key = 0; key < keys; key++) for (let window = 0; window < windows; window++) this.#take(key, window)
    this.#fold.confirm()
  }

  /** Takes records of keys and windows that are there, in an order that jumps about. @returns microseconds of processor time a record */
  measure(records: number): number {
    const before = process.cpuUsage()
    for (let n = 0; n < records; n += this.#perCommit) this.#commit()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / records
  }

  /**
   * Writes all of the state as buckets hold it, as often as each bucket is written anew: every half round of the ring.
   * @returns microseconds of processor time that a commit takes of that, as a mean
   */
  measureUpkeep(): number {
    const { ring } = journalDefaults
    const before = process.cpuUsage()
    for (let index = 0; index < BUCKETS; index++) zstd.compress(encodeCells(this.#fold.state.bucket(index, BUCKETS)))
    const { user, system } = process.cpuUsage(before)
    return (user + system) / (ring / 2)
  }

  /** Open windows in all, as cells of state. */
  get cells(): number {
    return [...this.#fold.state.cells()].length
  }

  #commit(): void {
    for (let n = 0; n < this.#perCommit; n++) {
      // A step that has no factor in common with any size: every place is met before one is met again.
      this.#next += 7_919
      this.#take(this.#next % this.#keys, this.#next % this.#windows)
    }
    this.#fold.state.changes()
    this.#fold.confirm()
  }

  #take(key: number, window: number): void {
    const record = { offset: this.#offset++, timeMs: START_MS + window * WINDOW_MS, value: { amount: 5 } }
    const other = { address: `card-${key}`, identity: undefined, timeLane: 0, raw: undefined }
    this.#fold.take({ kind: 'value', ...record, ...other }, Number.POSITIVE_INFINITY)
  }
}
