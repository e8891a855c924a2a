import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { FoldSpec } from '../engine/fold-spec.ts'
import type { Key } from '../engine/key.ts'
import type { Op } from '../engine/ops.ts'
import type { OutputSpec } from '../engine/outputs.ts'
import type { AnyRule } from '../engine/rules/rule.ts'
import type { Writer } from './pins.ts'
import type { PlannedTable, PlannedTopic } from './plan-types.ts'

/** How a stage reads its source. */
export interface SourceSpec {
  /** undefined on internal topics: what we wrote ourselves is not checked again. */
  readonly schema: StandardSchemaV1 | undefined
  /** undefined without a state and without rows to write: the record's key is left alone then. */
  readonly key: SourceKey | undefined
  /** undefined: the record's timestamp. */
  readonly timeOf: ((value: unknown) => number) | undefined
  readonly maxFutureMs: number
  /** Only outputs of these are taken; undefined: every record. */
  readonly taken: readonly Writer[] | undefined
}

/** Where a stage has the key of a record from. */
export type SourceKey =
  /** The topic's declaration: a value's key must be the record's own, a delete's is read from the record. */
  | { readonly kind: 'declared'; readonly keyOf: (value: unknown) => Key; readonly format: 'text' | 'json' }
  /** The stage upstream, which wrote the key as an address. */
  | { readonly kind: 'address' }

/** An output's target; `null`s of the spec list are never made. */
export type Target =
  | { readonly kind: 'topic'; readonly topic: PlannedTopic }
  | { readonly kind: 'table'; readonly table: PlannedTable }

/** Where a stage finds the settings that it pins. */
export interface SettingsSpec {
  readonly name: string
  readonly table: PlannedTable
  /** All rules that they are for, also those of other stages. */
  readonly rules: readonly AnyRule[]
  /** @throws MillraceError `SETTINGS_INVALID` for a document that this code cannot use */
  check(document: unknown): void
}

/** What makes a stage the writer of an internal topic. */
export interface RekeySpec {
  /** The source partitions of all stages that write the topic are numbered one after the other: the number of its first. */
  readonly firstTimeLane: number
}

/** What a stage without state does with each record. */
export interface StatelessSpec {
  readonly ops: readonly Op[]
  readonly outputs: readonly OutputSpec[]
  /** For a stage that writes an internal topic: it puts out under addresses, and tells how far each source partition has come. */
  readonly rekey: RekeySpec | undefined
}

/** What a stage computes: functions, held by the plan. */
export interface Program {
  /** State that was written under another signature is never read. */
  readonly signature: string
  readonly source: SourceSpec
  readonly stateless: StatelessSpec | undefined
  /** Settings that each batch pins; undefined without any. */
  readonly settings: SettingsSpec | undefined
  readonly stateful: FoldSpec | undefined
  /** Where output i of the spec's list goes. */
  readonly targets: readonly Target[]
}
