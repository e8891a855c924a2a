import type { Counts } from '../../shared/engine/counts.ts'
import type { JournalSettings } from '../../shared/journal/journal.ts'
import type { Plan, Stage } from '../../shared/processor/plan-types.ts'
import type { MappingSettings } from '../emulator/index.ts'
import type { Moment } from './commit-log.ts'
import type { Dice } from './dice.ts'
import type { Parked } from './parked.ts'

/** A record of a source topic. */
export interface InputRecord {
  readonly key: string | null
  /** Text, so that some are no JSON; null: a delete. */
  readonly value: string | null
  /** The record's own timestamp, epoch ms. */
  readonly timestampMs: number
}

/** What one seed is about: processors, their input, and what must come out. */
export interface Scene {
  readonly plan: Plan
  /** By topic, then by partition. */
  readonly input: Readonly<Record<string, readonly (readonly InputRecord[])[]>>
  readonly journal?: Partial<JournalSettings>
  /** The processors' code has a bug, which is mended, comes back, and is mended in the end; what was parked is redriven. */
  mend?(isMended: boolean): void
  /**
   * The stage with the bug. With state it is mended and broken again at any time; without state only when nothing is left
   * to read, since what a batch that comes again puts out by mended code, and a redrive then, are two outputs.
   */
  readonly mended?: Stage
  /** The state of this stage's keys is erased now and then, and the judge knows. */
  forgets?(stage: Stage): boolean
  /** Where the usual settings of the mappings are too small. */
  readonly mapping?: Partial<MappingSettings>
  /** Records that are produced at once at most; default 4. */
  readonly recordsAtOnceMax?: number
  /** How a run ends: by time that goes by, by closing all windows, or by either. */
  readonly ending?: 'silence' | 'closing'
  /** The problems of what has come out; empty: none. */
  judge(outcome: Outcome): string[] | Promise<string[]>
}

/** Makes scenes; the same dice make the same scene. */
export interface Topology {
  readonly name: string
  /** It is costly: only seed 1 and every n-th behind it are run. */
  readonly everyNth?: number
  scene(dice: Dice): Scene
}

/** One appended record of a topic. */
export interface Appended {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: string | null
  readonly value: string | null
  readonly timestampMs: number
  readonly headers: Readonly<Record<string, string>>
}

/** What has come out in the end. */
export interface Outcome {
  /** Records as a reader sees them who drops repeats; without progress. */
  topic(name: string): readonly Appended[]
  /** Everything that stands there. */
  everything(name: string): readonly Appended[]
  /** The live rows of a table, by its physical name: value by `key|sort`. */
  table(name: string): Readonly<Record<string, unknown>>
  parked(): readonly Parked[]
  /** Where ticks (or the end of the run) moved the time of a partition. */
  moments(stage: Stage, partition: number): readonly Moment[]
  /** Offsets that a stage never read, because its group was set forward. */
  skipped(stage: Stage, partition: number): ReadonlySet<number>
  /** Offsets of parked records that were to be given up, and whether that is known to have been done. */
  givenUp(stage: Stage, partition: number): ReadonlyMap<number, 'asked' | 'done'>
  /** What the journal counts; undefined: it has no commit. */
  counts(stage: Stage, partition: number): Counts | undefined
}
