import { createHash } from 'node:crypto'
import { closeSync, createReadStream, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { MillraceError } from '../../shared/errors.ts'
import { csvLines } from './csv.ts'
import type { LineSource } from './source.ts'
import { splitLines } from './split-lines.ts'

const CHUNK_BYTES = 1 << 20
const HEAD_BYTES = 4096
// `id,amount,at`: names only, as a header has them.
const HEADER = /^(?:\xef\xbb\xbf)?"?[\w .-]+"?(?:,"?[\w .-]+"?)+\r?\n/

/** What is read from a file, or from standard input when it is `-`. */
export interface InputFile extends LineSource {
  /** Of the file's bytes, how many have been read; undefined where nobody knows how many there are. */
  share(): number | undefined
}

/**
 * A file as lines for one topic: NDJSON or CSV with a header, compressed with gzip or not. Which, is told by its first
 * bytes and, for CSV, its name. Lines are taken as they are, valid or not.
 */
export function inputFile(file: string, topic: string): InputFile {
  const size = file === '-' ? undefined : checkFile(file)
  let read = 0
  let lines = 0
  let done = false
  async function* chunks(): AsyncGenerator<Buffer> {
    const source = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: CHUNK_BYTES })
    for await (const chunk of source as AsyncIterable<Buffer>) {
      read += chunk.length
      yield chunk
    }
  }
  return {
    id: `input ${topic} ${file === '-' ? file : realpathSync(file)} ${file === '-' ? '' : fingerprint(file)}`,
    linesInAll: () => (done ? lines : undefined),
    share: () => (size === undefined ? undefined : size === 0 ? 1 : read / size),
    async *read() {
      try {
        const plain = await unzipped(chunks())
        const rows = isCsv(file, plain.head) ? csvLines(plain.chunks) : splitLines(plain.chunks)
        for await (const contents of rows) {
          lines += contents.length
          yield contents.map((content) => ({ topic, content }))
        }
        done = true
      } catch (error) {
        throw inputError(file, error)
      }
    },
  }
}

/** The same file may grow; another file under the same name is not gone on with. */
function fingerprint(file: string): string {
  const head = Buffer.alloc(HEAD_BYTES)
  const handle = openSync(file, 'r')
  const length = readSync(handle, head, 0, HEAD_BYTES, 0)
  closeSync(handle)
  const end = head.indexOf(0x0a) + 1 || length
  return createHash('sha256').update(head.subarray(0, end)).digest('hex').slice(0, 16)
}

function checkFile(file: string): number {
  const fix = 'Give --input a file of NDJSON or CSV, or - for standard input.'
  const found = statSync(file, { throwIfNoEntry: false })
  if (!found) throw new MillraceError('USAGE', { problem: `There is no file ${file}.`, fix })
  if (found.isDirectory()) throw new MillraceError('USAGE', { problem: `${file} is a directory.`, fix })
  return found.size
}

async function unzipped(chunks: AsyncGenerator<Buffer>): Promise<{ head: Buffer; chunks: AsyncIterable<Buffer> }> {
  const opened = await withHead(chunks)
  if (opened.head[0] !== 0x1f || opened.head[1] !== 0x8b) return opened
  const source = Readable.from(opened.chunks, { objectMode: false })
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
  source.on('error', (error) => gunzip.destroy(error))
  return withHead(source.pipe(gunzip)[Symbol.asyncIterator]())
}

/** The first bytes, and all of them. */
async function withHead(chunks: AsyncIterator<Buffer>): Promise<{ head: Buffer; chunks: AsyncIterable<Buffer> }> {
  const first = await chunks.next()
  const head: Buffer = first.done ? Buffer.alloc(0) : first.value
  async function* all(): AsyncGenerator<Buffer> {
    if (head.length > 0) yield head
    yield* { [Symbol.asyncIterator]: () => chunks }
  }
  return { head: head.subarray(0, HEAD_BYTES), chunks: all() }
}

function isCsv(file: string, head: Buffer): boolean {
  const name = file.toLowerCase().replace(/\.gz$/, '')
  if (name.endsWith('.csv')) return true
  if (/\.(ndjson|jsonl|json)$/.test(name)) return false
  return HEADER.test(head.toString('latin1'))
}

function inputError(file: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!/^(Z_|ERR_|CSV_|E[A-Z]+$)/.test(code)) return error
  const problem = `${file} cannot be read to its end (${(error as Error).message}).`
  return new MillraceError('USAGE', { problem, fix: 'Check the file, for instance with gzip -t or head.' })
}
