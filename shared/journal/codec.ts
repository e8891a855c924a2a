import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { CellChange } from '../engine/state.ts'

/** Turns text into the bytes of an item's body and back. */
export interface Compression {
  compress(text: string): Uint8Array
  /** @throws when the bytes are not what {@link compress} made */
  decompress(bytes: Uint8Array): string
}

/** zstd at its fastest level: cells of one partition share most of their text. */
export const zstd: Compression = {
  compress: (text) => zstdCompressSync(text, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
  decompress: (bytes) => zstdDecompressSync(bytes).toString('utf8'),
}

/** One output waiting in a commit: final but for its identity, which is its place in the commit. */
export interface OutboxEntry {
  /** Topic name, or `table:` and the physical table's name. */
  readonly target: string
  /** Partition of the topic, fixed when the commit was made; -1 for a table. */
  readonly partition: number
  readonly key: string | null
  readonly value: string | null
  readonly timeMs: number
  /** Sort key of a table row; '' for topics. */
  readonly sort: string
}

// A body is lines of tab-separated fields. JSON text has neither tabs nor line feeds, and is taken as it is: no second
// encoding of what is encoded already.

export function encodeCells(changes: readonly CellChange[]): string {
  let text = ''
  for (const { key, id, wakeAtMs, text: value } of changes)
    text += `${JSON.stringify(key)}\t${JSON.stringify(id)}\t${wakeAtMs}\t${value ?? ''}\n`
  return text
}

export function decodeCells(text: string): CellChange[] {
  const changes: CellChange[] = []
  for (const line of lines(text)) {
    const [key, id, wakeAtMs, value] = line.split('\t')
    changes.push({
      key: JSON.parse(key!) as string,
      id: JSON.parse(id!) as string,
      wakeAtMs: Number(wakeAtMs),
      text: value === '' ? undefined : own(value!),
    })
  }
  return changes
}

export function encodeOutbox(entries: readonly OutboxEntry[]): string {
  let text = ''
  for (const { target, partition, key, value, timeMs, sort } of entries)
    text += `${target}\t${partition}\t${key === null ? '' : JSON.stringify(key)}\t${value ?? ''}\t${timeMs}\t${sort}\n`
  return text
}

export function decodeOutbox(text: string): OutboxEntry[] {
  return lines(text).map((line) => {
    const [target, partition, key, value, timeMs, sort] = line.split('\t')
    return {
      target: own(target!),
      partition: Number(partition),
      key: key === '' ? null : (JSON.parse(key!) as string),
      value: value === '' ? null : own(value!),
      timeMs: Number(timeMs),
      sort: own(sort!),
    }
  })
}

/** The same as a string of its own: a slice would keep the whole text that it was cut from. */
const own = (slice: string): string => Buffer.from(slice).toString()

const lines = (text: string): string[] => (text === '' ? [] : text.slice(0, -1).split('\n'))
