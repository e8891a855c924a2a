import type { Program } from './program.ts'
import type { Topic } from './topic.ts'

/** A topic as broker and template know it. */
export interface PlannedTopic {
  readonly name: string
  readonly partitions: number
  readonly retentionMs: number
  readonly compacted: boolean
  /** 'source': written by others only. 'output': written by a processor. 'internal': derived, between two stages. 'parked': bad records. */
  readonly role: 'source' | 'output' | 'internal' | 'parked'
  /** False: the topic exists already and must not be created. */
  readonly create: boolean
  /** The declaration; undefined for internal and parked topics. */
  readonly declaration: Topic | undefined
}

/** An output table as database and template know it. */
export interface PlannedTable {
  /** The declared name, under which it is read. */
  readonly name: string
  /** The physical name: one table per generation. */
  readonly physicalName: string
}

/** How a stage is deployed; from the processor's options. */
export interface Deployment {
  readonly memoryMb: number
  readonly timeoutMs: number
  readonly batchRecordsMax: number
  readonly batchWindowMs: number
  /** Provisioned pollers; undefined: on demand. */
  readonly pollers: { readonly min: number; readonly max: number } | undefined
}

/** One Lambda function with one event source mapping: a stage reads one topic. */
export interface Stage {
  /** Unique in the plan: `card-spend`, `log-counts-rekey`, `activity-rekey-orders`, `card-spend.2` (generation 2). */
  readonly id: string
  readonly processor: string
  readonly generation: number
  /**
   * 'main' writes the processor's outputs; 'rekey' writes the internal topic that 'main' then reads, as each 'rekey-SOURCE'
   * of a `cogroup` does.
   */
  readonly name: 'main' | 'rekey' | `rekey-${string}`
  /** Has state in the journal (and so a tick). */
  readonly stateful: boolean
  readonly source: PlannedTopic
  /** True when only Millrace writes the source: its identity headers are believed. */
  readonly sourceIsOurs: boolean
  /** Consumer group: `millrace.NAME.GENERATION.STAGE`. */
  readonly group: string
  /** For a stage that reads an internal topic: the stages that write it. Empty for others. */
  readonly upstream: readonly Stage[]
  /** Topics that this stage writes, the parked topic included. */
  readonly writesTopics: readonly PlannedTopic[]
  readonly writesTables: readonly PlannedTable[]
  /** Parked records hold up their keys: `park: 'key'`. */
  readonly holdsKeys: boolean
  /** The table of the settings that this stage pins, if it has any. */
  readonly readsTables: readonly PlannedTable[]
  /** Names of the rules that this stage looks at events with; none for other machines. */
  readonly rules: readonly string[]
  /** Keys of this stage's journal items start with this; undefined for a stateless stage. */
  readonly journalPrefix: string | undefined
  /** How long a partition must be silent before the tick moves its time on. */
  readonly idleAfterMs: number
  readonly deployment: Deployment
  /** What the stage computes. */
  readonly program: Program
}

/** Everything that follows from a list of processors. */
export interface Plan {
  readonly processors: readonly {
    readonly name: string
    readonly generation: number
    readonly stages: readonly Stage[]
  }[]
  readonly stages: readonly Stage[]
  readonly topics: readonly PlannedTopic[]
  readonly tables: readonly PlannedTable[]
  /** Bad records of all processors, as JSON. */
  readonly parkedTopic: PlannedTopic
}
