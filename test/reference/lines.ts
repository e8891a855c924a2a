import { closeSync, createReadStream, openSync, writeSync } from 'node:fs'

const LINE_FEED = 0x0a
const CHUNK_BYTES = 1 << 20

/**
 * The lines of a file as bytes, without line feeds, a batch at a time. Split as bytes, since a line need
 * not be UTF-8. Empty lines at the end of the file are left out; empty lines before that are lines.
 */
export async function* readLines(file: string): AsyncGenerator<Buffer[]> {
  let rest: Buffer = Buffer.alloc(0)
  let empty = 0
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) {
    const { lines, tail } = splitLines(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]))
    rest = tail
    const last = lines.findLastIndex((line) => line.length > 0)
    if (last < 0) {
      empty += lines.length
      continue
    }
    yield [...emptyLines(empty), ...lines.slice(0, last + 1)]
    empty = lines.length - last - 1
  }
  if (rest.length > 0) yield [...emptyLines(empty), rest]
}

/** Splits bytes at line feeds; `tail` is what follows the last of them. */
export function splitLines(bytes: Buffer): { lines: Buffer[]; tail: Buffer } {
  const lines: Buffer[] = []
  let start = 0
  for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
    lines.push(bytes.subarray(start, end))
    start = end + 1
  }
  return { lines, tail: bytes.subarray(start) }
}

function emptyLines(count: number): Buffer[] {
  return Array.from({ length: count }, () => Buffer.alloc(0))
}

/** Writes values to a file as JSON, one a line, a chunk at a time. */
export class LineWriter {
  readonly #file: number
  #pending: string[] = []
  #size = 0

  constructor(path: string) {
    this.#file = openSync(path, 'w')
  }

  /** Writes one value on a line of its own. */
  write(value: unknown): void {
    const line = `${JSON.stringify(value)}\n`
    this.#pending.push(line)
    this.#size += line.length
    if (this.#size >= CHUNK_BYTES) this.#flush()
  }

  /** Writes what is left and closes the file. */
  close(): void {
    this.#flush()
    closeSync(this.#file)
  }

  #flush(): void {
    const bytes = Buffer.from(this.#pending.join(''))
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done)
    this.#pending = []
    this.#size = 0
  }
}
