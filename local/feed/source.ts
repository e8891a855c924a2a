/** The longest line that is taken. With base64 it still fits one event of 6 MB. */
export const LINE_BYTES_MAX = 4_000_000

/** One line for a topic, without its line feed: text, or bytes that need not be UTF-8. */
export interface Line {
  readonly topic: string
  readonly content: string | Buffer
}

/** What there is to feed. The same lines in the same order each time it is read, or a killed run could not go on. */
export interface LineSource {
  /** Names what is fed; a run that finds this in its data directory goes on where the one before stopped. */
  readonly id: string
  /** The lines, some at a time. */
  read(): AsyncIterable<readonly Line[]>
  /** How many lines there are in all, or undefined as long as nobody knows. */
  linesInAll(): number | undefined
}
