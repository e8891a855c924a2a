import type { FilterPattern } from './rules/filter.ts'

/** What the documentation says, and how much of it a mapping is told to do. Times are in ms, not in AWS's seconds. */
export interface DocumentedSettings {
  /** Records of a batch at most, over all its partitions. AWS: 1 to 10,000, default 100. */
  readonly batchRecordsMax: number
  /** How long a batch is gathered at most. AWS: 500 ms unless set, then whole seconds up to 300; here any ms. */
  readonly batchWindowMs: number
  /** The largest event, as JSON. AWS: 6 MB. */
  readonly payloadBytesMax: number
  /** Where a group without a commit starts. */
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP'
  /** Epoch ms; for `AT_TIMESTAMP`. */
  readonly startingTimestampMs: number
  /** Provisioned mode with this many pollers at most, 1 to 2,000; 0 is on-demand mode. */
  readonly pollersMax: number
  /** Executions of the function at a time; more are throttled. Infinity: no limit. */
  readonly reservedConcurrency: number
  /** A record is delivered if one of these fits it, or if there are none. At most 5. */
  readonly filters: readonly FilterPattern[]
  /** Provisioned only. Attempts after the first, 0 to 10,000; -1: without end, or 10 with an on-failure destination. */
  readonly retriesMax: number
  /** Provisioned only. Older records are given up, 60,000 to 604,800,000; -1: however old. */
  readonly recordAgeMaxMs: number
  /** Provisioned only. `BisectBatchOnFunctionError`. */
  readonly bisect: boolean
  /** Provisioned only. `ReportBatchItemFailures`: the function may name the records that failed. */
  readonly reportFailures: boolean
}

/** What nobody outside AWS can be sure of: try a handler under each. */
export interface Switches {
  /** May a batch hold several partitions? Documented as possible, not as certain. */
  readonly mixing: 'mix' | 'one'
  /** How Kafka's null keys and values appear in the event. */
  readonly nulls: 'absent' | 'null'
  /** Bytes of headers as 0 to 255 or, as Java has them, -128 to 127. */
  readonly headerBytes: 'unsigned' | 'signed'
  /** On-demand mode: pollers, each with one invocation at a time. AWS scales them by itself, from and to what it likes. */
  readonly concurrency: number
  /** Pause after the first failed or throttled attempt; doubles with each, up to `retryMaxMs`. */
  readonly retryFirstMs: number
  readonly retryMaxMs: number
  /** Do records that a filter keeps out count towards `batchRecordsMax`? */
  readonly filteredCount: 'free' | 'counts'
  /** A batch of which a filter leaves nothing: is it committed, or does it wait for the next success? */
  readonly filteredCommit: 'at-once' | 'with-next'
  /** Does a filter let records with a null value through? */
  readonly filteredNulls: 'deliver' | 'drop'
  /** With `reportFailures`, what an answer means that is no object: `""`, a text, a number, a list. */
  readonly oddResponses: 'success' | 'failure'
  /** Does splitting a batch use up an attempt? For Kinesis it is documented not to. */
  readonly bisectAttempts: 'free' | 'counts'
  /** Records that the function names as failed: tried again together, or split as after an error? */
  readonly partialWithBisect: 'together' | 'split'
  /** Is the part of a batch that succeeded committed while the rest is tried again? */
  readonly partialCommits: 'at-once' | 'at-end'
  /** A record that makes an event too large by itself "can go unprocessed": is it given up, or delivered all the same? */
  readonly oversize: 'drop' | 'deliver'
  /** What the on-failure record calls records that were given up for their age. */
  readonly ageCondition: string
  /** Settings of provisioned mode in on-demand mode: an error when the mapping is made, or without effect? */
  readonly onDemandExtras: 'reject' | 'ignore'
}

/** What is the emulator's own. */
export interface EmulatorSettings {
  /** How often an unfilled batch looks for more. */
  readonly pollMs: number
  /** Keys and values that one look at a partition brings at most. */
  readonly fetchBytesMax: number
  /** A function that overruns its time-out: given up, as in AWS, or waited for? Its code cannot be stopped here. */
  readonly overrun: 'give-up' | 'wait'
}

/** How a mapping behaves. */
export interface MappingSettings extends DocumentedSettings, Switches, EmulatorSettings {}

/** As in AWS, with on-demand pollers and nothing set. */
export const awsDefaults: MappingSettings = {
  batchRecordsMax: 100,
  batchWindowMs: 500,
  payloadBytesMax: 6 * 1024 * 1024,
  startingPosition: 'TRIM_HORIZON',
  startingTimestampMs: 0,
  pollersMax: 0,
  reservedConcurrency: Number.POSITIVE_INFINITY,
  filters: [],
  retriesMax: -1,
  recordAgeMaxMs: -1,
  bisect: false,
  reportFailures: false,
  mixing: 'mix',
  nulls: 'absent',
  headerBytes: 'unsigned',
  concurrency: 1,
  retryFirstMs: 100,
  retryMaxMs: 10_000,
  filteredCount: 'free',
  filteredCommit: 'at-once',
  filteredNulls: 'deliver',
  oddResponses: 'success',
  bisectAttempts: 'free',
  partialWithBisect: 'together',
  partialCommits: 'at-once',
  oversize: 'drop',
  ageCondition: 'MaximumRecordAgeExceeded',
  onDemandExtras: 'reject',
  pollMs: 20,
  fetchBytesMax: 1 << 20,
  overrun: 'give-up',
}
