import { gzipSync } from 'node:zlib'
import { csvLines } from '../../../local/feed/csv.ts'
import { splitLines } from '../../../local/feed/split-lines.ts'
import type { FuzzTarget } from '../target.ts'

async function* chunked(bytes: Buffer): AsyncGenerator<Buffer> {
  const middle = bytes.length >> 1
  if (middle > 0) yield bytes.subarray(0, middle)
  if (bytes.length > middle) yield bytes.subarray(middle)
}

const all = (lines: (chunks: AsyncIterable<Buffer>) => AsyncIterable<unknown>) => async (bytes: Buffer) => {
  for await (const _ of lines(chunked(bytes)));
}

const csv = 'id,amount,"na""me",at\n1,2.5,"a, b",true\n2,1e5,"two\nlines",\n"é",-0,x,9007199254740993\n'
const ndjson = '{"a":1}\n\n{"b":"x"}\r\nnot json\n'

export const files: readonly FuzzTarget[] = [
  { name: 'input: CSV', valid: [Buffer.from(csv), gzipSync(csv)], read: all(csvLines) },
  { name: 'input: lines', valid: [Buffer.from(ndjson)], read: all(splitLines) },
]
