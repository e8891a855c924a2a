/** A record to be appended to a topic. Text is written as UTF-8, bytes as they are; null is Kafka's null. */
export interface OutgoingRecord {
  readonly key: string | Uint8Array | null
  readonly value: string | Uint8Array | null
  /** Header values are ASCII. */
  readonly headers: Readonly<Record<string, string>>
  /** Event time in epoch ms, sent as the record's timestamp. */
  readonly timestampMs: number
}

/**
 * Where topic outputs go.
 *
 * `append` writes to **one** partition, in the given order, and resolves once all in-sync replicas have every record.
 * When it rejects, any prefix of the records may have been appended, and some may have been appended twice: callers send
 * the same records again, and readers drop the repeats by identity. It never reorders, and never appends a record after
 * one that failed. Callers keep at most one call in flight per partition; different partitions run in parallel.
 *
 * @throws MillraceError `SINK_UNREACHABLE` (retriable): no answer in time, or the broker refused for now.
 * @throws MillraceError `SINK_REFUSED` (not retriable): the record is too large, the topic or the right to write is missing.
 */
export interface TopicSink {
  append(topic: string, partition: number, records: readonly OutgoingRecord[]): Promise<void>
  close(): Promise<void>
}

/** One row of an output table: the newest result for a key (and window). */
export interface TableRow {
  /** Partition key: the key's text (a string as it is, anything else canonical JSON). */
  readonly key: string
  /** Sort key: `-` without a window, else the window's start and end as 16-digit decimals joined by `/`. */
  readonly sort: string
  /** JSON text of the row's value; null deletes the row (a tombstone that expires after a day is left in its place). */
  readonly value: string | null
  /** Identity: who wrote this and as which output. A row only ever moves to a higher sequence of the same lane. */
  readonly lane: string
  /** The sequence tuple, compared number by number; at most 8 numbers of up to 2^53 - 1. */
  readonly sequence: readonly number[]
  /** Event time of the result, epoch ms. */
  readonly timeMs: number
}

/** What became of rows: they add up to those given. */
export type RowOutcomes = Record<RowOutcome, number>
export type RowOutcome = 'written' | 'refused' | 'foreign'
export const noRows = (): RowOutcomes => ({ written: 0, refused: 0, foreign: 0 })

/**
 * Reads rows of output tables.
 *
 * @throws MillraceError `SINK_UNREACHABLE` (retriable) or `SINK_REFUSED` (not retriable).
 */
export interface TableReader {
  /** The value, as JSON text, of the row of `key` without a window; undefined when there is none, or it is deleted. */
  read(table: string, key: string): Promise<string | undefined>
}

/**
 * Where table outputs go.
 *
 * `write` puts each row unless the table already holds the same or a higher sequence of that row's lane (then it is
 * counted as refused, which is no error: it is a repeat), or a row of another lane (then it is counted as foreign: a row
 * belongs to the lane that wrote it first). Rows of one key and sort go in the given order; different rows go in parallel
 * within the implementation's stated bound. When it rejects, any subset may have been written.
 *
 * @throws MillraceError `SINK_UNREACHABLE` (retriable) or `SINK_REFUSED` (not retriable).
 */
export interface TableSink {
  write(table: string, rows: readonly TableRow[]): Promise<RowOutcomes>
  close(): Promise<void>
}
