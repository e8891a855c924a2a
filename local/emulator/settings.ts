/** How a mapping behaves. What is unverified of the real one is a setting here. */
export interface MappingSettings {
  /** Records of a batch at most, over all its partitions. AWS: 1 to 10,000, default 100. */
  readonly batchRecordsMax: number
  /** How long a batch is gathered at most. AWS: 500 ms unless set. */
  readonly batchWindowMs: number
  /** The largest event, as JSON. */
  readonly payloadBytesMax: number
  /** May a batch hold several partitions? Unverified which prevails. */
  readonly mixing: 'mix' | 'one'
  /** How Kafka's null keys and values appear in the event. Unverified. */
  readonly nulls: 'absent' | 'null'
  /** Bytes of headers as 0 to 255 or, as Java has them, -128 to 127. Unverified. */
  readonly headerBytes: 'unsigned' | 'signed'
  /** Where a group without a commit starts. */
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST'
  /** Invocations at a time, each in an environment of its own. */
  readonly concurrency: number
  /** How often an unfilled batch looks for more. */
  readonly pollMs: number
  /** Keys and values that one look at a partition brings at most. */
  readonly fetchBytesMax: number
  /** Pause after the first failed attempt; doubles with each, up to `retryMaxMs`. Undocumented. */
  readonly retryFirstMs: number
  readonly retryMaxMs: number
}

/** As in AWS, with on-demand pollers and nothing set. */
export const awsDefaults: MappingSettings = {
  batchRecordsMax: 100,
  batchWindowMs: 500,
  payloadBytesMax: 6 * 1024 * 1024,
  mixing: 'mix',
  nulls: 'absent',
  headerBytes: 'unsigned',
  startingPosition: 'TRIM_HORIZON',
  concurrency: 1,
  pollMs: 20,
  fetchBytesMax: 1 << 20,
  retryFirstMs: 100,
  retryMaxMs: 10_000,
}
