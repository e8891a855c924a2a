import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { CellChange } from '../engine/state.ts'

/** Turns text into the bytes of an item's body and back. */
export interface Compression {
  /** @param pieces the text, in pieces as they were made: putting them together would cost as much as encoding them */
  compress(pieces: readonly string[]): Uint8Array
  /** @throws when the bytes are not what {@link compress} made */
  decompress(bytes: Uint8Array): string
}

const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }
/** Texts up to a third of this many characters are encoded into the same memory one after the other. */
const SCRATCH_BYTES = 1024 * 1024
const utf8 = new TextEncoder()
let scratch: Uint8Array | undefined

/**
 * zstd at its fastest level: cells of one partition share most of their text. Handing a body to another thread would cost
 * this one more than compressing it.
 */
export const zstd: Compression = {
  compress: (pieces) => zstdCompressSync(utf8Of(pieces), zstdOptions),
  decompress: (bytes) => zstdDecompressSync(bytes).toString('utf8'),
}

/** @returns bytes that hold until the next call */
function utf8Of(pieces: readonly string[]): Uint8Array {
  // New memory for each text takes as long as encoding it.
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  if (length * 3 > SCRATCH_BYTES) return Buffer.from(pieces.join(''))
  scratch ??= new Uint8Array(SCRATCH_BYTES)
  let at = 0
  for (const piece of pieces) at += utf8.encodeInto(piece, scratch.subarray(at)).written
  return scratch.subarray(0, at)
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

// A body is four lines of cells, a column each, and then a line of tab-separated fields per output. Columns are shorter
// than a line per cell, and several times faster to make. JSON text has neither tabs nor line feeds, and is taken as it
// is: no second encoding of what is encoded already.

const CELL_LINES = 4
/** In the column of texts: a deleted cell; one of which only the timer has changed. */
const DELETED = ''
const SAME = '='

/** @returns the cells of a body, in pieces */
export function encodeCells(changes: readonly CellChange[]): string[] {
  const keys: string[] = []
  const ids: string[] = []
  const wakes: number[] = []
  const texts: string[] = []
  for (const change of changes) {
    keys.push(change.key)
    ids.push(change.id)
    wakes.push(change.wakeAtMs)
    texts.push(change.same === true ? SAME : (change.text ?? DELETED))
  }
  return [JSON.stringify(keys), '\n', JSON.stringify(ids), '\n', JSON.stringify(wakes), '\n', texts.join('\t'), '\n']
}

/**
 * The cells of a body; those that nothing but a timer is told of have no text, and are the `same`.
 * @throws for what {@link encodeCells} did not make
 */
export function decodeCells(body: string): CellChange[] {
  const [keys, ids, wakes, texts] = body.split('\n', CELL_LINES) as [string, string, string, string]
  const allKeys = columnOf<string>(keys, 'string')
  const allIds = columnOf<string>(ids, 'string')
  const allWakes = columnOf<number>(wakes, 'number')
  const allTexts = allKeys.length === 0 && texts === '' ? [] : texts.split('\t')
  if ([allIds, allWakes, allTexts].some(({ length }) => length !== allKeys.length))
    throw new RangeError('columns of different lengths')
  return allKeys.map((key, i) => {
    const text = allTexts[i]!
    const change = { key, id: allIds[i]!, wakeAtMs: allWakes[i]! }
    if (text === SAME) return { ...change, text: undefined, same: true }
    return { ...change, text: text === DELETED ? undefined : own(text) }
  })
}

function columnOf<T>(json: string, type: 'string' | 'number'): readonly T[] {
  const column: unknown = JSON.parse(json)
  if (!Array.isArray(column) || column.some((each) => typeof each !== type)) throw new TypeError('not a column')
  return column
}

/** Where the outputs begin in a body. */
export function outboxStart(body: string): number {
  let at = 0
  for (let line = 0; line < CELL_LINES; line++) at = body.indexOf('\n', at) + 1
  return at
}

export function encodeOutbox(entries: readonly OutboxEntry[]): string {
  let text = ''
  for (const { target, partition, key, value, timeMs, sort } of entries)
    text += `${target}\t${partition}\t${key === null ? '' : JSON.stringify(key)}\t${value ?? ''}\t${timeMs}\t${sort}\n`
  return text
}

/** @throws for what {@link encodeOutbox} did not make */
export function decodeOutbox(text: string): OutboxEntry[] {
  return lines(text).map((line) => {
    const [target, partition, key, value, timeMs, sort, ...more] = line.split('\t')
    if (!target || sort === undefined || more.length > 0) throw new RangeError('not an output')
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
