import { ContextView } from '../context-view.ts'
import type { CellStore, Context, Machine, MachineRecord } from '../machine.ts'

/** The cells of a gate: named by itself, apart from those of other gates and of the machine. */
export type GateCells = Pick<CellStore, 'get' | 'put' | 'delete'>

/**
 * What stands before a machine and keeps records from it, with state and timers of its own. Pure, as machines are.
 * Whoever keeps a record back says why: `c.late` or `c.repeat`.
 */
export interface Gate<In> {
  /** Names everything that its state's meaning depends on. */
  readonly signature: string
  /** @returns true when the record goes on */
  admit(
    c: Pick<Context<never>, 'late' | 'repeat' | 'streamTimeMs'>,
    cells: GateCells,
    record: MachineRecord<In>,
  ): boolean
  /** The timer of the gate's cell `id` fired. */
  onTimer(cells: GateCells, id: string): void
  /** How many cells of the key are the gate's. */
  size(cells: GateCells): number
}

/** Names of gates' cells begin with this and the gate's number. No machine names a cell so: `encodeCellName` escapes it. */
const MARK = '\u0000'
/** No gate's cell sorts here or later. */
const BEHIND_MARK = '\u0001'

/**
 * `machine` behind `gates`: a record goes through them in order, and reaches the machine when all admit it. To the fold they
 * are one machine: one event, one commit, undone together when anything throws.
 */
export function behind<In, Out>(gates: readonly Gate<In>[], machine: Machine<In, Out>): Machine<In, Out> {
  if (gates.length === 0) return machine
  const views = gates.map((_, i) => new GateView(i))
  const heldBy = (cells: CellStore): number => gates.reduce((sum, gate, i) => sum + gate.size(views[i]!.of(cells)), 0)
  const view = new MachineView<Out>(heldBy)
  return {
    signature: [...gates, machine].map(({ signature }) => signature).join(' > '),
    endless: machine.endless ?? false,
    onRecord(c, record) {
      for (let i = 0; i < gates.length; i++) if (!gates[i]!.admit(c, views[i]!.of(c.cells), record)) return
      machine.onRecord(view.of(c), record)
    },
    onTimer(c, id, timeMs) {
      if (!id.startsWith(MARK)) return machine.onTimer(view.of(c), id, timeMs)
      const end = id.indexOf(MARK, 1)
      const i = Number(id.slice(1, end))
      gates[i]!.onTimer(views[i]!.of(c.cells), id.slice(end + 1))
    },
    onTimerParked(c, id, value) {
      return !id.startsWith(MARK) && machine.onTimerParked?.(view.of(c), id, value) === true
    },
  }
}

/** The cells as a gate sees them; pointed at each event in turn, as the machine's view is. */
class GateView implements GateCells {
  readonly #prefix: string
  #cells!: CellStore
  constructor(gate: number) {
    this.#prefix = MARK + gate + MARK
  }

  of(cells: CellStore): this {
    this.#cells = cells
    return this
  }
  get(id: string): unknown {
    return this.#cells.get(this.#prefix + id)
  }
  put(id: string, value: unknown, wakeAtMs?: number): void {
    this.#cells.put(this.#prefix + id, value, wakeAtMs)
  }
  delete(id: string): void {
    this.#cells.delete(this.#prefix + id)
  }
}

/** The context as a machine behind gates sees it: their cells are in no range of its own. */
class MachineView<Out> extends ContextView<Out> {
  readonly #heldByGates: (cells: CellStore) => number

  constructor(heldByGates: (cells: CellStore) => number) {
    super()
    this.#heldByGates = heldByGates
  }
  override get size(): number {
    return super.size - this.#heldByGates(this.outer.cells)
  }
  override range(from: string, to: string): [id: string, value: unknown][] {
    return super.range(from, to).filter(([id]) => !id.startsWith(MARK))
  }
  override ids(from: string, to: string, max?: number): string[] {
    return super.ids(behindMark(from), to, max)
  }
  override has(from: string, to: string): boolean {
    return super.has(behindMark(from), to)
  }
  override first(from: string, to: string): [id: string, value: unknown] | undefined {
    return super.first(behindMark(from), to)
  }
  override last(from: string, to: string): [id: string, value: unknown] | undefined {
    return super.last(behindMark(from), to)
  }
}

const behindMark = (from: string): string => (from < BEHIND_MARK ? BEHIND_MARK : from)
