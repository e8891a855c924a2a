import { decodeNumber, encodeNumber } from '../cell-name.ts'
import type { CellStore, Context } from '../machine.ts'
import { clockOf } from './event-name.ts'
import { keptEvent } from './kept-event.ts'
import type { MatchedEvent } from './match.ts'
import { type Running, withTaken } from './so-far.ts'

/** No event taken yet. */
export const NO_NODE = -1
/** Nodes made for one event are numbered from event × this on. */
const NODES_PER_EVENT = 65_536
const NODE = 'n'
/** All cells of groups, before those of nodes. */
const GROUP = 'g'
const AFTER_NODES = 'o'
const nodeId = (node: number): string => NODE + encodeNumber(node)
const eventOf = (node: number): number => Math.floor(node / NODES_PER_EVENT)

/**
 * One event taken: what was taken before it, by which step, how many partial matches and nodes refer to it, its place in
 * the match, the cell that holds the event; where conditions look at the events so far, the running values of the steps.
 */
type Node = readonly [
  previous: number,
  step: number,
  uses: number,
  length: number,
  cell: string,
  running?: readonly Running[],
]

/**
 * The events taken by the partial matches of a key: lists linked from last to first, so that partial matches that began
 * alike share what they have in common. What nothing refers to any more is deleted.
 */
export class Nodes<Out> {
  readonly #c: Context<Out>
  readonly #cells: CellStore
  readonly #event: number
  /** Nodes that nothing refers to, still to be deleted. */
  readonly garbage: number[]
  readonly #deletesMax: number
  /** Its events are its own. */
  readonly #deletesEvents: boolean
  #made = 0

  /** @param event number of the event at hand */
  constructor(c: Context<Out>, event: number, garbage: readonly number[], deletesMax: number, deletesEvents: boolean) {
    this.#deletesMax = deletesMax
    this.#deletesEvents = deletesEvents
    this.#c = c
    this.#cells = c.cells
    this.#event = event
    this.garbage = [...garbage]
  }

  /** How many nodes the event at hand has got. */
  get made(): number {
    return this.#made
  }

  /**
   * Takes the event in `cell`, which is at hand, after `previous`, whose `uses` the caller sees to.
   * @param measured the event's measure; undefined: no running values are kept
   */
  make(
    previous: number,
    step: number,
    uses: number,
    cell: string,
    measured: (() => number | undefined) | undefined,
  ): number {
    const node = this.#event * NODES_PER_EVENT + this.#made++
    const length = this.length(previous) + 1
    const made: Node =
      measured === undefined
        ? [previous, step, uses, length, cell]
        : [previous, step, uses, length, cell, withTaken(this.running(previous), step, this.#event, measured())]
    this.#cells.put(nodeId(node), made)
    return node
  }

  /** The running values of the steps, the node's event included. */
  running(node: number): readonly Running[] {
    return (node === NO_NODE ? undefined : this.#read(node)[5]) ?? []
  }

  /** The time that counts of the node's event. */
  clockMs(node: number): number {
    return clockOf(this.#read(node)[4])
  }

  /** Number of events up to and including the node's. */
  length(node: number): number {
    return node === NO_NODE ? 0 : this.#read(node)[3]
  }

  /** Counts `change` more (or fewer) references to a node. */
  use(node: number, change: number): void {
    if (node === NO_NODE || change === 0) return
    const [previous, step, uses, ...rest] = this.#read(node)
    const after: Node = [previous, step, uses + change, ...rest]
    this.#cells.put(nodeId(node), after)
    if (after[2] === 0) this.garbage.push(node)
  }

  /** Deletes what is out of use, as much as one event may. @returns true if anything was */
  collect(): boolean {
    if (this.garbage.length === 0) return false
    const events = new Map<number, string>()
    for (let n = 0; n < this.#deletesMax && this.garbage.length > 0; n++) {
      const node = this.garbage.pop()!
      const [previous, , , , cell] = this.#read(node)
      this.#cells.delete(nodeId(node))
      events.set(eventOf(node), cell)
      this.use(previous, -1)
    }
    if (this.#deletesEvents)
      for (const [event, cell] of events) if (this.#nodesOf(event).length === 0) this.#cells.delete(cell)
    return true
  }

  /** The nodes of a partial match, first event first. */
  path(node: number): number[] {
    const path: number[] = []
    for (let at = node; at !== NO_NODE; at = this.#read(at)[0]) path.push(at)
    return path.reverse()
  }

  stepOf(node: number): number {
    return this.#read(node)[1]
  }

  /** Number of the event that the node is about. */
  eventOf(node: number): number {
    return eventOf(node)
  }

  matched(node: number, names: readonly { readonly name: string }[]): MatchedEvent {
    const [, step, , , cell] = this.#read(node)
    return keptEvent(this.#c, names[step]!.name, cell)
  }

  /** An event that a partial match has taken, by its number. */
  event(event: number, step: string): MatchedEvent {
    const [id] = this.#nodesOf(event)
    return keptEvent(this.#c, step, (this.#cells.get(id!) as Node)[4])
  }

  /** A node of the event, if there is one. */
  #nodesOf(event: number): readonly string[] {
    return this.#cells.ids(nodeId(event * NODES_PER_EVENT), nodeId((event + 1) * NODES_PER_EVENT), 1)
  }

  #read(node: number): Node {
    return this.#cells.get(nodeId(node)) as Node
  }
}

/** All partial matches of a key with the same first event. */
export interface Group {
  /** Number of the first event. */
  readonly first: number
  /** The time of the first event that counts, epoch ms. */
  readonly startMs: number
  /** Partial matches, as pairs (state, node); those that stay longest in the earlier steps come first. */
  heads: number[]
  /** Matches that wait to go out, as pairs (node, end in epoch ms), in the order in which they were complete. */
  done: number[]
  changed: boolean
}

type StoredGroup = readonly [startMs: number, heads: number[], done: number[]]

/** The groups of a key in the order of their first events. */
export const readGroups = (cells: CellStore): Group[] =>
  cells.range(GROUP, NODE).map(([id, stored]) => {
    const [startMs, heads, done] = stored as StoredGroup
    return { first: decodeNumber(id.slice(1)), startMs, heads, done, changed: false }
  })

/** Writes what changed, with a timer for when time ends the next partial match of a group; infinite: none. */
export function writeGroups(cells: CellStore, groups: readonly Group[], endsMs: (group: Group) => number): void {
  for (const group of groups) {
    const { first, startMs, heads, done, changed } = group
    if (!changed) continue
    const id = GROUP + encodeNumber(first)
    const stored: StoredGroup = [startMs, heads, done]
    if (heads.length === 0 && done.length === 0) cells.delete(id)
    else {
      const wakeAtMs = endsMs(group)
      cells.put(id, stored, Number.isFinite(wakeAtMs) ? wakeAtMs : undefined)
    }
  }
}

/** Number of the first event of the group that cell `id` holds; undefined if it holds none. */
export const groupOf = (id: string): number | undefined =>
  id.startsWith(GROUP) ? decodeNumber(id.slice(1)) : undefined

/**
 * Deletes cells that no group accounts for, which only an error in a time-out leaves behind.
 * @returns true when there may be more
 */
export function sweep(cells: CellStore, deletesMax: number, deletesEvents: boolean): boolean {
  const orphans = cells.range(GROUP, AFTER_NODES).slice(-deletesMax)
  for (const [id, orphan] of orphans.reverse()) {
    cells.delete(id)
    if (deletesEvents && id.startsWith(NODE)) cells.delete((orphan as Node)[4])
  }
  return orphans.length === deletesMax
}
