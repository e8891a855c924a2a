import type { ErrorCode, Facts } from '../errors.ts'
import { type Counts, zeroCounts } from './counts.ts'
import type { Identity } from './lanes.ts'
import type { Machine } from './machine.ts'
import type { Op } from './ops.ts'
import type { Output, OutputSpec } from './outputs.ts'
import type { ParkedCell } from './parked-cells.ts'
import type { Place } from './place.ts'

/** One record, decoded and checked, as the fold takes it. */
export type FoldRecord =
  | {
      readonly kind: 'value'
      readonly offset: number
      /** Where it came from, if not from there. */
      readonly place?: Place | undefined
      readonly timeMs: number
      readonly address: string
      readonly value: unknown
      readonly identity: Identity | undefined
      readonly timeLane: number
      readonly raw: unknown
    }
  | {
      readonly kind: 'bad'
      readonly offset: number
      readonly code: ErrorCode
      readonly facts: Facts
      readonly raw: unknown
      readonly identity?: Identity | undefined
      /** The state that it belongs to, where that can be told. */
      readonly address?: string | undefined
    }
  /** Of a generation that the declaration does not pin: read, and not ours. */
  | { readonly kind: 'other'; readonly offset: number }
  /** Upstream's word that a source partition has reached a time. Not a record: not counted. */
  | { readonly kind: 'progress'; readonly offset: number; readonly timeLane: number; readonly timeMs: number }

/** What the fold is made of, from the declaration. */
export interface FoldSpec {
  readonly ops: readonly Op[]
  readonly machine: Machine<unknown, unknown>
  readonly outputs: readonly OutputSpec[]
  /** Source partitions upstream; 0 unless the stage reads an internal topic. */
  readonly timeLanes: number
  /** Later records of a key wait behind a parked one, so that they are applied in order. Default false. */
  readonly holdsKeys?: boolean
  /** How much a partition may hold; {@link partitionBounds} unless given. */
  readonly bounds?: PartitionBounds
}

/** The most that the state of one partition may hold: keys with state, and open windows, panes and other cells of all keys. */
export interface PartitionBounds {
  readonly keysMax: number
  readonly cellsMax: number
}

/**
 * A record that would add a key or a cell beyond them is parked, `PARTITION_FULL`; what changes or ends state goes on.
 * A `Map` ends at 2^24 entries, and the memory of a function mostly before.
 */
export const partitionBounds: PartitionBounds = { keysMax: 5_000_000, cellsMax: 10_000_000 }

/** Makes the parked entry for a record or a cell that cannot be processed: what goes to the parked topic. */
export interface Parking {
  record(raw: unknown, code: ErrorCode, facts: Facts): Output
  /** `name`: under which it can be put back; undefined when it never can. */
  cell(cell: ParkedCell, code: ErrorCode, facts: Facts, name: string | undefined): Output
}

/** What became of a parked record that was to be applied, or given up, after all. */
export interface Redriven {
  /** 'not parked': applied before, given up, or never parked here. 'refused': it would be parked again, and stays so. */
  readonly outcome: 'applied' | 'discarded' | 'not parked' | 'refused'
  /** Why it was refused. */
  readonly code?: ErrorCode
}

/** Where a partition stands, apart from its cells. */
export interface Position {
  /** Offset of the last applied record; -1 before the first. */
  offset: number
  streamTimeMs: number
  counts: Counts
}

/** Named bounds of the fold. `holesMax`: parked records of a partition. `heldMax`: those of one key that is held. `parkedCellBytesMax`:
 * cells of a partition whose timers failed. */
export const foldLimits = {
  holesMax: 1_000_000,
  heldMax: 100_000,
  parkedCellBytesMax: 16 * 1024 * 1024,
  cellBytesMax: 200 * 1024,
  eventBytesMax: 280 * 1024,
}

/** A partition before its first record. */
export const startPosition = (): Position => ({ offset: -1, streamTimeMs: -1, counts: zeroCounts() })
