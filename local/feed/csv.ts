import { isUtf8 } from 'node:buffer'
import { Readable } from 'node:stream'
import { parse } from 'csv-parse'
import { LINE_BYTES_MAX } from './source.ts'

interface Row {
  readonly record: readonly string[]
  readonly raw: string
}

const ROWS_AT_A_TIME = 500
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/
const NOT_ASCII = /[\x80-\xff]/
const BYTE_ORDER_MARK = '\xef\xbb\xbf'

/**
 * The rows of a CSV file as JSON objects named after its header. Text that is a number, true or false becomes one. A row
 * that is not valid (another number of fields, quotes that do not close, not UTF-8) comes as it is.
 */
export async function* csvLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<(string | Buffer)[]> {
  let header: string[] | undefined
  let lines: (string | Buffer)[] = []
  for await (const row of parsed(chunks)) {
    if (header) lines.push(toLine(header, row))
    else header = row.record.map((name, n) => text(n === 0 ? name.replace(BYTE_ORDER_MARK, '') : name).trim())
    if (lines.length < ROWS_AT_A_TIME) continue
    yield lines
    lines = []
  }
  if (lines.length > 0) yield lines
}

/** Read as Latin-1, where every byte is a character: so that no byte of a row is lost before it is judged. */
function parsed(chunks: AsyncIterable<Buffer>): AsyncIterable<Row> {
  const parser = parse({
    encoding: 'latin1',
    raw: true,
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: LINE_BYTES_MAX,
    skip_records_with_error: true,
    on_skip: (_error, raw) => {
      // Pushed by hand, so that it stays in its place between the rows.
      if (raw !== undefined) parser.push({ record: [], raw } satisfies Row)
      return undefined
    },
  })
  const source = Readable.from(chunks, { objectMode: false })
  source.on('error', (error) => parser.destroy(error))
  return source.pipe(parser)
}

function toLine(header: readonly string[], { record, raw }: Row): string | Buffer {
  const plain = !NOT_ASCII.test(raw)
  if (record.length !== header.length || !(plain || isUtf8(Buffer.from(raw, 'latin1'))))
    return Buffer.from(raw.replace(/\r?\n$/, ''), 'latin1')
  const value: Record<string, unknown> = {}
  for (const [n, name] of header.entries()) value[name] = convert(plain ? record[n]! : text(record[n]!))
  return JSON.stringify(value)
}

const text = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8')

/** Digits that a number cannot hold exactly, such as a long card number, stay text. */
function convert(field: string): string | number | boolean {
  if (field === 'true' || field === 'false') return field === 'true'
  if (!NUMBER.test(field)) return field
  const number = Number(field)
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number)) ? number : field
}
