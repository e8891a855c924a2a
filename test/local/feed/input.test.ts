import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { inputFile } from '../../../local/feed/input.ts'
import { temporaryDirectory } from '../temporary.ts'

async function read(name: string, content: string | Uint8Array): Promise<(string | Buffer)[]> {
  const file = join(temporaryDirectory(), name)
  writeFileSync(file, content)
  const lines: (string | Buffer)[] = []
  for await (const some of inputFile(file, 'topic').read()) lines.push(...some.map(({ content }) => content))
  return lines
}

const texts = async (name: string, content: string | Uint8Array): Promise<string[]> =>
  (await read(name, content)).map(String)

describe('an NDJSON file', () => {
  it('gives its lines as they are, valid or not', async () => {
    const bad = Buffer.concat([Buffer.from('{"a":1}\nnot json\n'), Buffer.of(0xff, 0xfe), Buffer.from('\n{"b":2}')])
    const lines = await read('in.ndjson', bad)
    expect(lines.map(String)).toEqual(['{"a":1}', 'not json', '\ufffd\ufffd', '{"b":2}'])
    expect(lines[2]).toEqual(Buffer.of(0xff, 0xfe))
  })

  it('may be compressed, whatever its name', async () => {
    expect(await texts('in.ndjson.gz', gzipSync('{"a":1}\n{"a":2}\n'))).toEqual(['{"a":1}', '{"a":2}'])
    expect(await texts('in', gzipSync('{"a":1}\n'))).toEqual(['{"a":1}'])
  })

  it('that is cut off in the middle of its compression is an error', async () => {
    const whole = gzipSync('{"a":1}\n'.repeat(10_000))
    await expect(read('in.gz', whole.subarray(0, whole.length - 20))).rejects.toMatchObject({ code: 'USAGE' })
  })

  it('says how far it is', async () => {
    const file = join(temporaryDirectory(), 'in.ndjson')
    writeFileSync(file, '1\n2\n3\n')
    const input = inputFile(file, 'topic')
    expect([input.share(), input.linesInAll()]).toEqual([0, undefined])
    for await (const _ of input.read());
    expect([input.share(), input.linesInAll()]).toEqual([1, 3])
  })

  it('that is not there, or is a directory, is an error with a way out', () => {
    expect(() => inputFile('/no/such/file', 'topic')).toThrow(/There is no file/)
    expect(() => inputFile(temporaryDirectory(), 'topic')).toThrow(/is a directory/)
  })
})

describe('what a run goes on with', () => {
  const idOf = (file: string, content: string): string => {
    writeFileSync(file, content)
    return inputFile(file, 'topic').id
  }

  it('is the same file, also when it has grown; not another one under its name', () => {
    const file = join(temporaryDirectory(), 'in.ndjson')
    const id = idOf(file, '{"a":1}\n')
    expect(idOf(file, '{"a":1}\n{"a":2}\n')).toBe(id)
    expect(idOf(file, '{"a":3}\n{"a":2}\n')).not.toBe(id)
    expect(inputFile(file, 'other').id).not.toBe(inputFile(file, 'topic').id)
  })
})

describe('a CSV file', () => {
  it('gives objects named by its header, with numbers and booleans where the text is one', async () => {
    const csv = 'id,amount,ok,note\ntx-1,12.50,true,"a, ""b"""\ntx-2,-3e2,false,\n'
    expect((await texts('in.csv', csv)).map((line) => JSON.parse(line))).toEqual([
      { id: 'tx-1', amount: 12.5, ok: true, note: 'a, "b"' },
      { id: 'tx-2', amount: -300, ok: false, note: '' },
    ])
  })

  it('keeps as text what a number would change', async () => {
    const fields = [
      '007',
      '+1',
      '1.',
      '.5',
      '0x10',
      '9007199254740993',
      '4111111111111111111',
      'NaN',
      'Infinity',
      'TRUE',
    ]
    const csv = `text\n${fields.join('\n')}\n`
    expect((await texts('in.csv', csv)).map((line) => JSON.parse(line).text)).toEqual(fields)
  })

  it('may have line ends of Windows, a byte order mark, line feeds in quotes and no end', async () => {
    const csv = '\ufeffname,n\r\n"Zürich\n東京",1\r\nLyon,2'
    expect((await texts('in.csv', csv)).map((line) => JSON.parse(line))).toEqual([
      { name: 'Zürich\n東京', n: 1 },
      { name: 'Lyon', n: 2 },
    ])
  })

  it('gives rows that are not valid as they are, in their place', async () => {
    const csv = Buffer.concat([Buffer.from('a,b\n1,2\n3\n4,5,6\n7,'), Buffer.of(0xff), Buffer.from('\n8,9\n"open,1\n')])
    const lines = await read('in.csv', csv)
    expect(lines.map(String)).toEqual(['{"a":1,"b":2}', '3', '4,5,6', '7,\ufffd', '{"a":8,"b":9}', '"open,1'])
    expect(lines[3]).toEqual(Buffer.of(0x37, 0x2c, 0xff))
  })

  it('is known by its name or by its header', async () => {
    expect(await texts('in.csv.gz', gzipSync('a,b\n1,2\n'))).toEqual(['{"a":1,"b":2}'])
    expect(await texts('in.txt', 'id,amount\nx,2\n')).toEqual(['{"id":"x","amount":2}'])
    expect(await texts('in.txt', '{"a":1},2\nx\n')).toEqual(['{"a":1},2', 'x'])
    expect(await texts('in.ndjson', 'a,b\n1,2\n')).toEqual(['a,b', '1,2'])
  })
})
