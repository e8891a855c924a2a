import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  calendar,
  count,
  custom,
  everyRecords,
  global,
  hopping,
  lastRecords,
  minutes,
  ms,
  plan,
  processor,
  seconds,
  session,
  sliding,
  sum,
  table,
  topic,
  tumbling,
  unlimited,
} from '#millrace'

const schema = z.object({ id: z.string(), amount: z.number(), at: z.number() })
const source = topic('source', { schema, key: (value) => value.id, time: (value) => value.at })
const keyless = topic('keyless', { schema })
const target = topic('target', { schema })
const other = topic('other', { schema })
const rows = table('rows')
const window = tumbling(minutes(1)).grace(ms(0))
// What JavaScript callers, and casts, can get past the compiler.
const any = (value: unknown): never => value as never

const errors: { title: string; declare: () => unknown; code: string; says: RegExp }[] = [
  {
    title: 'a topic name with a space',
    declare: () => topic('a b', { schema }),
    code: 'NAME_INVALID',
    says: /topic name "a b".*card-spend/,
  },
  {
    title: 'a topic that begins like our own',
    declare: () => topic('millrace.x', { schema }),
    code: 'NAME_RESERVED',
    says: /does not begin/,
  },
  {
    title: 'the parked topic',
    declare: () => topic('millrace-parked', { schema }),
    code: 'NAME_RESERVED',
    says: /kept for/,
  },
  {
    title: 'a key format that there is not',
    declare: () => topic('a', any({ schema, keyFormat: 'avro' })),
    code: 'OPTION_INVALID',
    says: /'text' or 'json'/,
  },
  {
    title: 'a filter that is no function',
    declare: () => processor('p').from(source).filter(any(5)),
    code: 'OPTION_INVALID',
    says: /a function/,
  },
  {
    title: 'a key given by name',
    declare: () => processor('p').from(source).keyBy(any('id')),
    code: 'OPTION_INVALID',
    says: /a function/,
  },
  {
    title: 'a condition of an output that is none',
    declare: () =>
      processor('p')
        .from(source)
        .to(target, { where: any(5) }),
    code: 'OPTION_INVALID',
    says: /a function/,
  },
  {
    title: 'late records of a stream without state',
    declare: () => processor('p').from(source).late(any(rows)),
    code: 'OPTION_INVALID',
    says: /nothing else is ever late/,
  },
  {
    title: 'a processor called like the stage of another',
    declare: () =>
      plan([
        processor('x')
          .from(source)
          .keyBy((v) => v.amount)
          .aggregate({ n: count() })
          .emit('updates', { every: seconds(1) })
          .to(rows),
        processor('x-rekey').from(source).to(target),
      ]),
    code: 'DUPLICATE',
    says: /stages/,
  },
  {
    title: 'an unknown option',
    declare: () => topic('a', any({ schema, kye: 1 })),
    code: 'OPTION_UNKNOWN',
    says: /"kye".*schema, key, time/,
  },
  { title: 'no schema', declare: () => topic('a', any({})), code: 'OPTION_INVALID', says: /Standard Schema/ },
  {
    title: 'no partitions',
    declare: () => topic('a', { schema, partitions: 0 }),
    code: 'OPTION_INVALID',
    says: /from 1 to 1000/,
  },
  {
    title: 'a retention of a second',
    declare: () => topic('a', { schema, retention: seconds(1) }),
    code: 'DURATION_INVALID',
    says: /at least 60000/,
  },
  {
    title: 'a negative future',
    declare: () => topic('a', { schema, maxFuture: ms(-1) }),
    code: 'DURATION_INVALID',
    says: /maxFuture is -1/,
  },
  {
    title: 'a key that is no function',
    declare: () => topic('a', any({ schema, key: 'id' })),
    code: 'OPTION_INVALID',
    says: /function of the value/,
  },
  {
    title: 'a processor without a name',
    declare: () => processor(''),
    code: 'NAME_INVALID',
    says: /processor name ""/,
  },
  {
    title: 'generation 0',
    declare: () => processor('p', { generation: 0 }),
    code: 'OPTION_INVALID',
    says: /generation is 0/,
  },
  {
    title: 'a time-out of 15 minutes',
    declare: () => processor('p', { timeout: minutes(15) }),
    code: 'OPTION_INVALID',
    says: /at most 840000/,
  },
  {
    title: 'half a second of batch window',
    declare: () => processor('p', { batchWindow: ms(500) }),
    code: 'OPTION_INVALID',
    says: /whole seconds/,
  },
  {
    title: 'more pollers at least than at most',
    declare: () => processor('p', { pollers: { min: 5, max: 1 } }),
    code: 'OPTION_INVALID',
    says: /pollers/,
  },
  {
    title: 'a source that is no topic',
    declare: () => processor('p').from(any({})),
    code: 'OPTION_INVALID',
    says: /topic\(…\)/,
  },
  {
    title: 'keyBy() on a topic without a key',
    declare: () => processor('p').from(keyless).keyBy(),
    code: 'KEY_UNKNOWN',
    says: /Declare key:.*or pass a function/,
  },
  { title: 'a window of no size', declare: () => tumbling(ms(0)), code: 'DURATION_INVALID', says: /size is 0/ },
  {
    title: 'a window of half a millisecond',
    declare: () => tumbling(ms(0.5)),
    code: 'DURATION_INVALID',
    says: /whole number/,
  },
  {
    title: 'a window that is not a number',
    declare: () => tumbling(ms(Number.NaN)),
    code: 'DURATION_INVALID',
    says: /size is NaN/,
  },
  {
    title: 'a negative grace',
    declare: () => tumbling(minutes(1)).grace(ms(-1)),
    code: 'DURATION_INVALID',
    says: /grace is -1/,
  },
  {
    title: 'a hop of no advance',
    declare: () => hopping(minutes(1), { advance: ms(0) }),
    code: 'DURATION_INVALID',
    says: /advance is 0/,
  },
  {
    title: 'a hop that leaves records out',
    declare: () => hopping(minutes(1), { advance: minutes(2) }),
    code: 'OPTION_INVALID',
    says: /at most the size \(60000\)/,
  },
  {
    title: 'a hop of which a record is in more than a thousand',
    declare: () => hopping(minutes(1), { advance: ms(59) }),
    code: 'OPTION_INVALID',
    says: /at least a 1000th/,
  },
  {
    title: 'a hop without its advance',
    declare: () => hopping(minutes(1), any(undefined)),
    code: 'OPTION_INVALID',
    says: /advance/,
  },
  {
    title: 'sliding over nothing',
    declare: () => sliding(ms(0)),
    code: 'DURATION_INVALID',
    says: /difference is 0/,
  },
  {
    title: 'a session without a gap',
    declare: () => session({ gap: ms(0) }),
    code: 'DURATION_INVALID',
    says: /gap is 0/,
  },
  {
    title: 'a session whose gap is not a number',
    declare: () => session({ gap: ms(Number.NaN) }),
    code: 'DURATION_INVALID',
    says: /gap is NaN/,
  },
  {
    title: 'a session by another name',
    declare: () => session(any({ gab: minutes(1) })),
    code: 'OPTION_UNKNOWN',
    says: /"gab"/,
  },
  {
    title: 'a window from no time',
    declare: () => unlimited({ from: new Date('never') }),
    code: 'OPTION_INVALID',
    says: /from/,
  },
  {
    title: 'a calendar of years',
    declare: () => calendar(any('year'), { timeZone: 'UTC' }),
    code: 'OPTION_INVALID',
    says: /'day', 'week' or 'month'/,
  },
  {
    title: 'a time zone that there is not',
    declare: () => calendar('day', { timeZone: 'Europe/Atlantis' }),
    code: 'OPTION_INVALID',
    says: /"Europe\/Atlantis".*IANA/,
  },
  {
    title: 'no time zone',
    declare: () => calendar('day', any({})),
    code: 'OPTION_INVALID',
    says: /timeZone/,
  },
  {
    title: 'every 0 records',
    declare: () => everyRecords(0),
    code: 'OPTION_INVALID',
    says: /records is 0/,
  },
  {
    title: 'the last records less often than they change',
    declare: () => lastRecords(5, { every: 6 }),
    code: 'OPTION_INVALID',
    says: /from 1 to 5/,
  },
  {
    title: 'a global window without a trigger',
    declare: () => global({}),
    code: 'OPTION_INVALID',
    says: /afterRecords, every/,
  },
  {
    title: 'final results of a window that never closes',
    declare: () =>
      processor('p')
        .from(source)
        .keyBy()
        .window(unlimited({ from: 0 }))
        .aggregate({ n: count() })
        .emit(any('final')),
    code: 'OPTION_INVALID',
    says: /'updates'/,
  },
  {
    title: 'an emission for a window that has triggers',
    declare: () =>
      processor('p')
        .from(source)
        .keyBy()
        .window(global({ afterRecords: 2 }))
        .aggregate({ n: count() })
        .emit(any('final')),
    code: 'OPTION_INVALID',
    says: /left out/,
  },
  {
    title: 'early results every 0 ms',
    declare: () =>
      processor('p')
        .from(source)
        .keyBy()
        .window(window)
        .aggregate({ n: count() })
        .emit('final', { early: ms(0) }),
    code: 'DURATION_INVALID',
    says: /early is 0/,
  },
  {
    title: 'no grace',
    declare: () =>
      processor('p')
        .from(source)
        .keyBy()
        .window(any(tumbling(minutes(1)))),
    code: 'GRACE_MISSING',
    says: /tumbling\(60000\)\.grace\(seconds\(30\)\)/,
  },
  {
    title: 'no aggregates',
    declare: () => processor('p').from(source).keyBy().window(window).aggregate({}),
    code: 'OPTION_INVALID',
    says: /count: count\(\)/,
  },
  {
    title: 'an aggregate that is none',
    declare: () =>
      processor('p')
        .from(source)
        .keyBy()
        .window(window)
        .aggregate(any({ n: 1 })),
    code: 'OPTION_INVALID',
    says: /an aggregate such as/,
  },
  {
    title: 'an aggregate called key',
    declare: () => processor('p').from(source).keyBy().aggregate({ key: count() }),
    code: 'OPTION_INVALID',
    says: /called otherwise/,
  },
  {
    title: 'a custom aggregate without a merge',
    declare: () => custom('c', any({ initialize() {}, add() {}, result() {} })),
    code: 'OPTION_INVALID',
    says: /merge/,
  },
  {
    title: 'an unknown emission',
    declare: () => processor('p').from(source).keyBy().window(window).aggregate({ n: count() }).emit(any('finally')),
    code: 'OPTION_INVALID',
    says: /'final' or 'updates'/,
  },
  {
    title: 'final results every so often',
    declare: () =>
      processor('p')
        .from(source)
        .keyBy()
        .window(window)
        .aggregate({ n: count() })
        .emit('final', any({ every: seconds(1) })),
    code: 'OPTION_UNKNOWN',
    says: /"every"/,
  },
  {
    title: 'updates every 0 ms',
    declare: () =>
      processor('p')
        .from(source)
        .keyBy()
        .aggregate({ n: count() })
        .emit('updates', { every: ms(0) }),
    code: 'DURATION_INVALID',
    says: /every is 0/,
  },
  {
    title: 'every update into a table',
    declare: () =>
      processor('p')
        .from(source)
        .keyBy()
        .aggregate({ n: sum((v) => v.amount) })
        .to(rows),
    code: 'UPDATES_WITHOUT_EVERY',
    says: /every: seconds\(10\)/,
  },
  {
    title: 'its own source as output',
    declare: () => processor('p').from(source).to(source),
    code: 'OUTPUT_IS_SOURCE',
    says: /for ever/,
  },
  {
    title: 'an output that is none',
    declare: () => processor('p').from(source).to(any('target')),
    code: 'OPTION_INVALID',
    says: /topic\(…\) or a table/,
  },
  {
    title: 'a machine without a version',
    declare: () =>
      processor('p')
        .from(source)
        .keyBy()
        .process(any({ onRecord() {} })),
    code: 'OPTION_INVALID',
    says: /version/,
  },
  {
    title: 'a machine without onRecord',
    declare: () =>
      processor('p')
        .from(source)
        .keyBy()
        .process(any({ version: 'v1' })),
    code: 'OPTION_INVALID',
    says: /onRecord/,
  },
  {
    title: 'no output at all',
    declare: () => plan([any(processor('p').from(source))]),
    code: 'OUTPUT_MISSING',
    says: /\.to\(topic\)/,
  },
  {
    title: 'something else in the list',
    declare: () => plan([any({})]),
    code: 'OPTION_INVALID',
    says: /end with \.to/,
  },
  {
    title: 'two processors of one name',
    declare: () => plan([processor('p').from(source).to(target), processor('p').from(source).to(rows)]),
    code: 'DUPLICATE',
    says: /raise the generation/,
  },
  {
    title: 'two topics of one name',
    declare: () =>
      plan([processor('p').from(source).to(topic('target', { schema })), processor('q').from(source).to(target)]),
    code: 'DUPLICATE',
    says: /topics\.ts/,
  },
  {
    title: 'two writers of one table',
    declare: () => plan([processor('p').from(source).to(rows), processor('q').from(source).to(rows)]),
    code: 'DUPLICATE',
    says: /table of its own/,
  },
  {
    title: 'a pinned generation that nobody writes',
    declare: () =>
      plan([processor('p').from(source).to(target), processor('q').from(target, { generation: 2 }).to(other)]),
    code: 'GENERATION_UNKNOWN',
    says: /Written are: 1/,
  },
  {
    title: 'a pinned generation that one of two writers does not have',
    declare: () =>
      plan([
        ...[1, 2].map((generation) => processor('p', { generation }).from(source).to(target)),
        ...[1, 3].map((generation) => processor('o', { generation }).from(source).to(target)),
        processor('q').from(target, { generation: 2 }).to(other),
      ]),
    code: 'GENERATION_UNKNOWN',
    says: /1, 3 of o/,
  },
  {
    title: 'rows without a state from a topic without a key',
    declare: () => processor('p').from(keyless).to(rows),
    code: 'TABLE_NEEDS_KEY',
    says: /declares no key/,
  },
  {
    title: 'rows without a state from a topic of ours',
    declare: () => {
      const keyed = topic('keyed', { schema, key: (value) => value.id })
      return plan([processor('p').from(source).to(keyed), processor('q').from(keyed).to(rows)])
    },
    code: 'TABLE_NEEDS_KEY',
    says: /processors of the list write.*keyBy/,
  },
  {
    title: 'a source of two generations, none pinned',
    declare: () =>
      plan([
        processor('p').from(source).to(target),
        processor('p', { generation: 2 }).from(source).to(target),
        processor('q').from(target).to(other),
      ]),
    code: 'OPTION_INVALID',
    says: /1, 2 of p/,
  },
]

describe('a declaration is checked when it is made, and the error names the way out', () => {
  it.each(errors)('$title: $code', ({ declare, code, says }) => {
    expect(declare).toThrow(expect.objectContaining({ code, retriable: false, message: expect.stringMatching(says) }))
  })
})

it('takes the names that Kafka takes, with dots', () => {
  expect(topic('orders.v1', { schema, exists: true }).name).toBe('orders.v1')
})

describe('what follows from a list of processors', () => {
  it('a re-key is two stages over an internal topic with the partitions of the source', () => {
    const made = plan([
      processor('p')
        .from(source)
        .keyBy((value) => value.amount)
        .aggregate({ n: count() })
        .emit('updates', { every: seconds(1) })
        .to(rows),
    ])
    expect(made.stages.map(({ id, group, source: { name }, stateful }) => [id, group, name, stateful])).toEqual([
      ['p-rekey', 'millrace.p.1.rekey', 'source', false],
      ['p', 'millrace.p.1.main', 'millrace.p.1.rekey', true],
    ])
    expect(made.topics.find(({ role }) => role === 'internal')).toMatchObject({
      name: 'millrace.p.1.rekey',
      partitions: 12,
      create: true,
    })
  })

  it('two generations stand side by side, each with its own group, state and table', () => {
    const of = (generation: number) =>
      processor('p', { generation }).from(source).keyBy().window(window).aggregate({ n: count() }).to(rows)
    const made = plan([of(1), of(2)])
    expect(made.stages.map(({ id, group, journalPrefix }) => [id, group, journalPrefix])).toEqual([
      ['p', 'millrace.p.1.main', 'p.1.'],
      ['p.2', 'millrace.p.2.main', 'p.2.'],
    ])
    expect(made.tables).toEqual([
      { name: 'rows', physicalName: 'rows' },
      { name: 'rows', physicalName: 'rows.2' },
    ])
  })

  it('believes identity headers only on topics that a processor of the list writes', () => {
    const made = plan([processor('p').from(source).to(target), processor('q').from(target).to(other)])
    expect(made.stages.map(({ sourceIsOurs }) => sourceIsOurs)).toEqual([false, true])
  })

  it('does not create topics that are there already', () => {
    const there = topic('there', { schema, exists: true })
    expect(plan([processor('p').from(there).to(target)]).topics.find(({ name }) => name === 'there')).toMatchObject({
      create: false,
      role: 'source',
    })
  })
})
