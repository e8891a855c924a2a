import { MillraceError } from '../../shared/errors.ts'
import { LINE_BYTES_MAX } from './source.ts'

const LINE_FEED = 0x0a

/**
 * Splits bytes at line feeds, on the bytes: a line need not be UTF-8. The last line needs no line feed. Empty lines are
 * lines, but for those at the end.
 *
 * @throws MillraceError `USAGE` for a line that is longer than a topic takes
 */
export async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer[]> {
  let parts: Buffer[] = []
  let partBytes = 0
  let number = 1
  let emptyLines = 0
  for await (const chunk of chunks) {
    const lines: Buffer[] = []
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      const piece = chunk.subarray(start, end)
      const line = parts.length === 0 ? piece : Buffer.concat([...parts, piece])
      parts = []
      partBytes = 0
      start = end + 1
      number++
      if (line.length === 0) emptyLines++
      else {
        for (; emptyLines > 0; emptyLines--) lines.push(Buffer.alloc(0))
        lines.push(line)
      }
    }
    if (start < chunk.length) {
      parts.push(chunk.subarray(start))
      partBytes += chunk.length - start
      if (partBytes > LINE_BYTES_MAX) throw tooLong(number)
    }
    if (lines.length > 0) yield lines
  }
  if (parts.length > 0) yield [...Array.from({ length: emptyLines }, () => Buffer.alloc(0)), Buffer.concat(parts)]
}

function tooLong(number: number): MillraceError {
  return new MillraceError('USAGE', {
    problem: `Line ${number} of the input is longer than ${LINE_BYTES_MAX} bytes, which no topic takes.`,
    fix: 'Is it one JSON document instead of one per line? Write one record per line (jq -c ".[]").',
  })
}
