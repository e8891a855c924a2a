import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import type { BrokerRecord, FetchLimits } from '../../shared/broker/broker.ts'
import { MillraceError } from '../../shared/errors.ts'
import type { OutgoingRecord } from '../../shared/sinks/sink.ts'
import { BODY_BYTES_MIN, bodyIsSound, contentBytes, decodeBody, FrameWriter } from './frame.ts'
import { readJson } from './read-json.ts'
import { replaceFile } from './replace-file.ts'
import { walkFrames } from './walk.ts'

const INDEX_EVERY_BYTES = 256 * 1024
const CHUNK_BYTES = 1 << 20
const CHUNK_BYTES_MIN = 4 * 1024
const CHUNK_BYTES_PER_RECORD = 1024

type Place = Pick<BrokerRecord, 'topic' | 'partition' | 'timestampType'>

// Every call here is synchronous, so that one writer serves all partitions.
const writer = new FrameWriter()

/**
 * The records of one partition, in one append-only file.
 *
 * Safe against the kill of the process: an append is one write call, and what a kill leaves of it is cut off at opening.
 * Not against power loss: nothing is flushed to the device.
 */
export class PartitionLog {
  /** Bytes of an unfinished append that were cut off at opening. */
  readonly cutBytes: number
  readonly #path: string
  readonly #file: number
  readonly #place: Place
  readonly #recordBytesMax: number
  // A sparse index, a position for each stretch of the file: memory hardly grows with the file.
  readonly #offsets: number[] = [0]
  readonly #positions: number[] = [0]
  #start = 0
  #end = 0
  #size = 0

  constructor(path: string, place: Place, recordBytesMax: number) {
    this.#path = path
    this.#place = place
    this.#recordBytesMax = recordBytesMax
    this.#file = openSync(path, 'a+')
    try {
      this.cutBytes = this.#open()
    } catch (error) {
      closeSync(this.#file)
      throw error
    }
  }

  /** @returns how many bytes were cut off */
  #open(): number {
    const fileSize = fstatSync(this.#file).size
    this.#size = walkFrames(this.#file, 0, fileSize, CHUNK_BYTES, (buffer, at, length, position) => {
      if (length < BODY_BYTES_MIN || !bodyIsSound(buffer, at, length)) throw damaged(this.#path, position)
      this.#note(position)
      return true
    })
    const cutBytes = fileSize - this.#size
    if (cutBytes > 0) ftruncateSync(this.#file, this.#size)
    if (existsSync(this.#startFile)) this.#start = readJson<number>(this.#startFile)
    return cutBytes
  }

  /** Offset of the oldest record that is still handed out. */
  get start(): number {
    return this.#start
  }

  /** Offset that the next record will get. */
  get end(): number {
    return this.#end
  }

  /** Appends all records or, when it throws, none. `stampMs`: the broker's time, in place of the records' own. */
  append(records: readonly OutgoingRecord[], stampMs: number | undefined): void {
    writer.clear()
    for (const record of records) this.#checkSize(writer.add(record, stampMs))
    const { bytes, starts } = writer
    this.#write(bytes)
    for (const start of starts) this.#note(this.#size + start)
    this.#size += bytes.length
  }

  /** Records from `offset` (or the oldest left) on, in order, within the limits; empty at the end of the log. */
  read(offset: number, limits: FetchLimits): BrokerRecord[] {
    const from = Math.max(offset, this.#start)
    const records: BrokerRecord[] = []
    if (from >= this.#end || limits.maxRecords < 1) return records
    const entry = this.#entryAtOrBelow(from)
    const chunkBytes = Math.min(CHUNK_BYTES, Math.max(CHUNK_BYTES_MIN, limits.maxRecords * CHUNK_BYTES_PER_RECORD))
    let next = this.#offsets[entry]!
    let bytes = 0
    walkFrames(this.#file, this.#positions[entry]!, this.#size, chunkBytes, (buffer, at, length, position) => {
      if (next++ < from) return true
      const record = decodeBody(buffer, at, length, this.#place, next - 1)
      if (record === undefined) throw damaged(this.#path, position)
      records.push(record)
      bytes += contentBytes(buffer, at)
      return records.length < limits.maxRecords && bytes < limits.maxBytes
    })
    return records
  }

  /** Hands out no record below `offset` any more. */
  deleteBefore(offset: number): void {
    this.#start = Math.min(Math.max(offset, this.#start), this.#end)
    replaceFile(this.#startFile, String(this.#start))
  }

  close(): void {
    closeSync(this.#file)
  }

  get #startFile(): string {
    return `${this.#path}.start`
  }

  #write(bytes: Buffer): void {
    let done = 0
    try {
      while (done < bytes.length) done += writeSync(this.#file, bytes, done)
    } catch (error) {
      ftruncateSync(this.#file, this.#size)
      throw error
    }
  }

  #checkSize(bytes: number): void {
    if (bytes <= this.#recordBytesMax) return
    const reason = `a record of ${bytes} bytes is above its limit of ${this.#recordBytesMax}`
    throw new MillraceError('SINK_REFUSED', { target: `topic ${this.#place.topic}`, reason })
  }

  #note(position: number): void {
    if (position - this.#positions.at(-1)! >= INDEX_EVERY_BYTES) {
      this.#offsets.push(this.#end)
      this.#positions.push(position)
    }
    this.#end++
  }

  #entryAtOrBelow(offset: number): number {
    let low = 0
    let high = this.#offsets.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#offsets[middle]! <= offset) low = middle
      else high = middle - 1
    }
    return low
  }
}

function damaged(path: string, position: number): MillraceError {
  return new MillraceError('DATA_DAMAGED', { file: path, problem: `what stands at byte ${position} was never written` })
}
