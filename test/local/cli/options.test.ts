import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { HelpAsked, parseFlags } from '../../../local/cli/flags.ts'
import { type RunOptions, runOptions } from '../../../local/cli/options.ts'
import { processor, topic } from '../../../shared/processor/index.ts'
import { temporaryDirectory } from '../temporary.ts'

const any = z.object({ id: z.string() })
const transactions = topic('transactions', { schema: any })
const logs = topic('logs', { schema: any })
const strange = topic('strange', { schema: any })
const out = topic('out', { schema: any })
const renewed = topic('renewed', { schema: any })

const list = [
  processor('one').from(transactions).to(out),
  processor('two')
    .from(logs)
    .to(topic('two-out', { schema: any })),
  processor('three')
    .from(strange)
    .to(topic('three-out', { schema: any })),
  processor('four')
    .from(out)
    .to(topic('four-out', { schema: any })),
  processor('renewing', { generation: 2 }).from(transactions).to(renewed),
  processor('five')
    .from(renewed, { generation: 2 })
    .to(topic('five-out', { schema: any })),
]

const parse = (line: string): RunOptions => runOptions(parseFlags(line.split(' ').filter(Boolean)), list)

const file = (): string => {
  const path = join(temporaryDirectory(), 'in.ndjson')
  writeFileSync(path, '{}\n')
  return path
}

describe('a command line that cannot be', () => {
  it.each([
    ['--event 5', /unknown option '--event'.*--events/i],
    ['surplus', /too many arguments/i],
    ['--events', /argument missing/],
    ['--events x', /--events is "x".*whole number/],
    ['--events -5', /--events/],
    ['--events 1.5', /--events is "1.5"/],
    ['--rate 0', /--rate is "0".*from 1/],
    ['--seed 4294967296', /--seed is "4294967296"/],
    ['--brokers localhost', /--brokers is "localhost".*HOST:PORT/],
    ['--brokers a:1,b', /--brokers/],
    ['--brokers localhost:99999', /--brokers is "localhost:99999".*port from 1 to 65535/],
    ['--brokers localhost:0', /port from 1 to 65535/],
    ['--dynamodb localhost:8000', /--dynamodb is "localhost:8000".*http/],
    ['--processors one,', /--processors is "one,"/],
    ['--processors on', /There is no processor called "on".*one, two, three, four, renewing, five/],
    ['--topic logs', /--topic.*no --input/],
    ['--input - --data d --topic logs', /Standard input cannot be read again.*--data/],
    ['--input x --events 5', /--events.*--input/],
    ['--input x --rate 5', /--rate.*--input/],
    ['--input x --seed 5', /--seed.*--input/],
    ['--input x', /which topic.*--topic with one of: transactions, logs, strange/],
    ['--input x --topic out', /"out" is not a source topic.*transactions, logs, strange/],
    ['--input /no/such/file --topic logs', /There is no file/],
    ['--close-windows --events 5', /--close-windows.*--exit/],
    ['--exit', /endless.*--events N or --input FILE/],
    ['--data d --brokers a:1 --dynamodb http://b', /--data has nothing to keep/],
    ['--data d --output d', /--data d and --output d.*two directories/],
    ['--data d --output ./x/../d/out', /neither inside the other/],
    ['--data d/state --output d', /neither inside the other/],
    ['--processors five --events 9', /renewed is written by .*which --processors leaves out.*Add/],
    ['--processors three', /knows no records for strange.*--input FILE --topic strange/],
  ])('%s: says what is wrong and what would be right', (line, message) => {
    expect(() => parse(line)).toThrow(message)
    expect(() => parse(line)).toThrow(/^(USAGE|PROCESSORS_UNKNOWN): /)
  })

  it.each(['--help', '-h', '--events 5 --help'])('%s: asks for help, with examples', (line) => {
    let text = ''
    try {
      parseFlags(line.split(' '))
    } catch (error) {
      text = (error as HelpAsked).text
      expect(error).toBeInstanceOf(HelpAsked)
    }
    expect(text).toMatch(/Usage: npm start -- /)
    expect(text).toMatch(/--close-windows/)
    expect(text).toMatch(/Examples:/)
  })
})

describe('a command line', () => {
  it('without flags runs all processors on endless records, 1,000 a second', () => {
    const options = parse('')
    expect(options).toMatchObject({ ratePerSecond: 1_000, exit: false, closeWindows: false, json: false })
    expect(options.fedTopics).toEqual(['transactions', 'logs'])
    expect(options.source.linesInAll()).toBeUndefined()
    expect(options.source.id).toMatch(/seed=1 rate=1000/)
    expect(options.notes).toEqual([expect.stringMatching(/No records are generated for strange.*--input/)])
    expect(options.plan.processors).toHaveLength(6)
  })

  it('with a number of records makes them as fast as possible, unless a rate is given', () => {
    expect(parse('--events 5')).toMatchObject({ ratePerSecond: undefined })
    expect(parse('--events 5 --rate 7 --seed 9')).toMatchObject({ ratePerSecond: 7 })
    expect(parse('--events 5').source.linesInAll()).toBe(5)
    expect(parse('--events 5').source.id).toBe(parse('').source.id)
  })

  it('may choose processors; what nobody of them writes is then a source', () => {
    expect(parse('--processors four,one').plan.processors.map(({ name }) => name)).toEqual(['one', 'four'])
    const alone = parse(`--processors four --topic out --input ${file()}`)
    expect(alone.fedTopics).toEqual(['out'])
  })

  it('may have its data beside its outputs, under names that begin alike', () => {
    expect(parse('--data d --output d-out')).toMatchObject({ dataDirectory: 'd', outputDirectory: 'd-out' })
    expect(parse('--data x/..d --output x/d')).toMatchObject({ dataDirectory: 'x/..d' })
  })

  it('may feed a file', () => {
    const options = parse(`--input ${file()} --topic logs --exit --close-windows --json --output o --data d`)
    expect(options).toMatchObject({ fedTopics: ['logs'], exit: true, closeWindows: true, json: true })
    expect(options).toMatchObject({ outputDirectory: 'o', dataDirectory: 'd', ratePerSecond: undefined })
    expect(options.notes).toEqual([expect.stringMatching(/Only logs is fed/)])
  })

  it('may say where topics and state are, and process only what is there', () => {
    const options = parse('--brokers a:1,b:2 --dynamodb http://c:3 --events 0 --exit')
    expect(options).toMatchObject({ brokers: ['a:1', 'b:2'], databaseUrl: 'http://c:3' })
    expect(parse('--processors three --events 0 --exit').fedTopics).toEqual([])
  })
})
