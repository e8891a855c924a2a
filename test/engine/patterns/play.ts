import { Fold } from '../../../shared/engine/fold.ts'
import { type FoldRecord, type Parking, startPosition } from '../../../shared/engine/fold-spec.ts'
import type { Machine } from '../../../shared/engine/machine.ts'
import type { Output, OutputSpec } from '../../../shared/engine/outputs.ts'
import { type CellChange, State } from '../../../shared/engine/state.ts'

export interface PlayedEvent<T> {
  readonly value: T
  readonly timeMs: number
  readonly key?: string
}

export interface PlayOptions {
  /** After each event, go on with a state that was loaded from what was committed. */
  readonly reload?: boolean
  /** Someone reads time-outs. */
  readonly timeOuts?: boolean
  /** Where a commit is cut: after these events, and with `reload` the state is read again. Default: with `reload` after each. */
  readonly cuts?: readonly boolean[]
  /** Move stream time here after the last event. */
  readonly untilMs?: number
}

export interface Played<Out> {
  readonly results: { readonly value: Out; readonly timeMs: number }[]
  readonly late: { readonly lateByMs: number }[]
  readonly parked: string[]
  /** Names of the cells that are left. */
  readonly cells: string[]
  readonly timedOut: unknown[]
  /** Partial matches given up at a bound. */
  readonly dropped: number
  /** Most bytes of changed cells in one commit. */
  readonly commitBytesMax: number
}

const output = (what: OutputSpec['what']): OutputSpec => ({
  what,
  target: 'topic',
  where: undefined,
  map: undefined,
  keyOf: undefined,
})
const parking: Parking = {
  record: (_raw, code) => parkedOutput(code),
  cell: (_cell, code) => parkedOutput(code),
}
const parkedOutput = (code: string): Output => ({ to: -1, key: null, value: JSON.stringify(code), timeMs: 0, sort: '' })

/** A partition whose state can be thrown away and read again from its commits, as after a crash. */
export class Partition<T, Out> {
  fold: Fold
  readonly outputs: Output[] = []
  readonly stored = new Map<string, CellChange>()
  commitBytesMax = 0
  #machine: Machine<T, Out>
  #offset = 0

  readonly #timeOuts: boolean

  constructor(machine: Machine<T, Out>, { timeOuts = false }: Pick<PlayOptions, 'timeOuts'> = {}) {
    this.#machine = machine
    this.#timeOuts = timeOuts
    this.fold = this.#fold(new State())
  }

  take({ value, timeMs, key = 'card' }: PlayedEvent<T>): void {
    const offset = this.#offset++
    const record: FoldRecord = {
      kind: 'value',
      offset,
      timeMs,
      address: key,
      value,
      identity: undefined,
      timeLane: 0,
      raw: undefined,
    }
    this.fold.take(record, Number.POSITIVE_INFINITY)
  }

  /** @returns bytes of the changed cells */
  commit(): number {
    let bytes = 0
    for (const change of this.fold.state.changes()) {
      bytes += change.id.length + (change.text?.length ?? 0)
      const name = `${change.key}/${change.id}`
      if (change.text === undefined) this.stored.delete(name)
      else this.stored.set(name, change)
    }
    this.outputs.push(...this.fold.outputs)
    this.fold.confirm()
    this.commitBytesMax = Math.max(this.commitBytesMax, bytes)
    return bytes
  }

  reload(): void {
    const state = new State()
    for (const change of this.stored.values()) state.load(change)
    this.fold = this.#fold(state)
  }

  /** Goes on with other code, as after a deploy. */
  deploy(machine: Machine<T, Out>): void {
    this.commit()
    this.#machine = machine
    this.reload()
  }

  /** Names of the cells of keys. */
  cells(): string[] {
    return [...this.fold.state.cells()].filter((cell) => cell.owner.key.charCodeAt(0) !== 0).map((cell) => cell.id)
  }

  #fold(state: State): Fold {
    const spec = {
      ops: [],
      machine: this.#machine as Machine<unknown, unknown>,
      outputs: [output('result'), output('late'), ...(this.#timeOuts ? [output('timedOut')] : [])],
      timeLanes: 0,
    }
    const position = this.fold === undefined ? startPosition() : this.fold.position
    return new Fold(spec, parking, { topic: 'payments', partition: 3 }, state, position)
  }
}

/** Feeds events in this order and returns everything that came out. */
export function play<T, Out>(
  machine: Machine<T, Out>,
  events: readonly PlayedEvent<T>[],
  { reload = false, untilMs, timeOuts = false, cuts }: PlayOptions = {},
): Played<Out> {
  const partition = new Partition(machine, { timeOuts })
  const end = (): void => {
    partition.commit()
    if (reload) partition.reload()
  }
  for (const [i, event] of events.entries()) {
    partition.take(event)
    if (cuts === undefined ? reload : cuts[i]) end()
  }
  if (untilMs !== undefined) partition.fold.advanceTo(untilMs, Number.POSITIVE_INFINITY)
  end()
  const of = (to: number) => partition.outputs.filter((each) => each.to === to)
  return {
    results: of(0).map(({ value, timeMs }) => ({ value: JSON.parse(value!) as Out, timeMs })),
    late: of(1).map(({ value }) => JSON.parse(value!) as { lateByMs: number }),
    timedOut: of(2).map(({ value }) => JSON.parse(value!) as unknown),
    dropped: partition.fold.position.counts.partialMatchesDropped,
    parked: of(-1).map(({ value }) => JSON.parse(value!) as string),
    cells: partition.cells(),
    commitBytesMax: partition.commitBytesMax,
  }
}
