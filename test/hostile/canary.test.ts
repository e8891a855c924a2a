import { inspect } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { processor, topic } from '#millrace'
import { processors } from '../../functions/index.ts'
import { MillraceError } from '../../shared/errors.ts'
import { memoryJournalStore } from '../../shared/journal/memory.ts'
import { PARKED_TOPIC } from '../../shared/processor/plan.ts'
import type { Ports } from '../../shared/runtime/ports.ts'
import { T } from '../lambda/harness.ts'
import { linesOf } from '../lambda/stdout.ts'
import { Deployed } from './deployed.ts'

const CANARY = 'canary-51c0ffee'
const c = (what: string) => `${what}-${CANARY}`
const headers: [string, Uint8Array][] = [[c('header'), Buffer.from(CANARY)]]

const payment = (n: number, amount: number) => ({
  id: c(`p${n}`),
  cardId: c('card'),
  deviceId: c('device'),
  amount,
  merchant: c('merchant'),
  country: c('AT'),
  latitude: 48,
  longitude: 16,
  approved: true,
  at: T + n * 1_000,
})
const amounts = [5, 6, 7, 8, 5_000, 9_000]
/** Sound records of every source, with a canary in each text. */
const sound: Readonly<Record<string, readonly (readonly [key: string, value: object])[]>> = {
  events: [[c('e'), { id: c('e'), message: c('important'), level: c('level'), at: T }]],
  'sensor-readings': [1, 2].map((n) => [c('s'), { sensorId: c('s'), celsius: n, at: T + n * 20_000 }]),
  logs: [1, 2].map((n) => [
    c('h'),
    { host: c('h'), service: c('svc'), level: c('lvl'), message: c('m'), at: T + n * 90_000 },
  ]),
  transactions: amounts.map((amount, n) => [
    c('card'),
    { id: c(`t${n}`), cardId: c('card'), amount, merchant: c('merchant'), country: c('DE'), at: T + n * 1_000 },
  ]),
  authorizations: [...amounts, 5_000].map((amount, n) => [c('card'), payment(n, amount)]),
  'fraud-settings': [
    ['fraud-settings', { name: 'fraud-settings', note: CANARY, document: { lists: { [c('list')]: [CANARY] } } }],
  ],
}
/** What is wrong with a record, in every way that the checks know; each with canaries. */
const bad: readonly (readonly [key: string | null, value: string | Uint8Array | null])[] = [
  [CANARY, CANARY],
  [CANARY, `{"${CANARY}":`],
  [CANARY, `{"__proto__":"${CANARY}"}`],
  [CANARY, `["${CANARY}",1e999]`],
  [CANARY, `{"id":["${CANARY}"],"name":{"${CANARY}":1}}`],
  [CANARY, `${'['.repeat(99)}"${CANARY}"${']'.repeat(99)}`],
  [CANARY, JSON.stringify(CANARY.repeat(9_000))],
  [CANARY, Buffer.concat([Buffer.from(CANARY), Buffer.of(0xff)])],
  [CANARY, null],
  [null, JSON.stringify(CANARY)],
]
const wrong: Readonly<Record<string, object>> = {
  'sensor-readings': { sensorId: c('other'), celsius: 1, at: T },
  logs: { host: c('h'), service: c('s'), level: c('l'), message: c('m'), at: T + 1e12 },
  transactions: { id: c('t'), cardId: c('card'), amount: 1, merchant: CANARY, country: CANARY, at: -1 },
  'fraud-settings': { name: 'fraud-settings', document: { rules: { [CANARY]: {} }, lists: { [CANARY]: CANARY } } },
}

/** Feeds every source of the deployment, and lets it run to its end. */
async function run(deployed: Deployed): Promise<void> {
  for (const [source, records] of Object.entries(sound))
    for (const [key, value] of records) deployed.produce(source, key, JSON.stringify(value), headers)
  for (const source of Object.keys(sound)) {
    for (const [key, value] of bad) deployed.produce(source, key, value, headers)
    if (wrong[source] !== undefined)
      deployed.produce(source, source === 'fraud-settings' ? source : c('card'), JSON.stringify(wrong[source]), headers)
  }
  await deployed.settle()
  await deployed.control('tick')
  await deployed.control('close-windows')
}

describe('no word of the data in what is printed', () => {
  let lines: string[]
  let deployed: Deployed
  beforeAll(async () => {
    lines = await linesOf(async () => {
      deployed = await Deployed.of(processors)
      await run(deployed)
    })
  }, 30_000)

  test('a run of all processors prints logs and metrics', () => {
    expect(lines.some((line) => line.includes('"_aws"'))).toBe(true)
    expect(new Set(lines.flatMap((line) => /"stage":"([^"]+)"/.exec(line)?.[1] ?? [])).size).toBe(
      deployed.stages.length,
    )
  })

  test('the canaries have gone through all of it: they stand in every output, and in what was parked', async () => {
    for (const name of [
      'important-events',
      'sensor-fahrenheit',
      'large-transactions',
      'card-spend',
      'fraud-alerts',
      'rule-alerts',
      PARKED_TOPIC,
    ])
      expect(await deployed.contents(name), name).toContain(CANARY)
    for (const name of ['sensor-average', 'log-counts', 'fraud-settings'])
      expect(JSON.stringify(deployed.tables.rows(name)), name).toContain(CANARY)
  })

  test('and in none of its lines', () => {
    expect(lines.filter((line) => line.includes(CANARY))).toEqual([])
    expect(deployed.failures).toEqual([])
  })

  test('nor beside a parked record, where only its bytes are', async () => {
    const parked = await deployed.parked()
    expect(new Set(parked.map(({ reason }) => reason)).size).toBeGreaterThan(9)
    expect(
      parked.filter(({ reason }) => reason !== 'SETTINGS_INVALID').filter(({ detail }) => detail.includes(CANARY)),
    ).toEqual([])
  })
})

/** What the outside world may throw, with data in its message, its name, its code or its fields. */
const failures: Readonly<Record<string, () => unknown>> = {
  'an error': () => new Error(CANARY),
  'an error with fields': () => Object.assign(new TypeError(CANARY), { item: CANARY, requestId: CANARY }),
  'an error with a name': () => Object.assign(new Error('x'), { name: `${CANARY} is what it was` }),
  'an error with a cause': () => new Error('x', { cause: new Error(CANARY) }),
  'an error of ours with a cause': () =>
    new MillraceError('JOURNAL_UNREACHABLE', { reason: 'x' }, { cause: new Error(CANARY) }),
  'several errors': () => new AggregateError([new Error(CANARY)], CANARY),
  'a syntax error': () => {
    try {
      return JSON.parse(`{"a":${CANARY}`)
    } catch (error) {
      return error
    }
  },
  'a text': () => CANARY,
  'an object': () => ({ message: CANARY }),
}
const failing = (fail: () => unknown): Readonly<Record<string, (ports: Ports) => Ports>> => {
  const reject = async (): Promise<never> => {
    throw fail()
  }
  return {
    'reading the journal': (ports) => ({ ...ports, journal: { ...memoryJournalStore(), read: reject } }),
    'writing the journal': (ports) => ({ ...ports, journal: { ...memoryJournalStore(), put: reject } }),
    'writing topics': (ports) => ({ ...ports, topics: { ...ports.topics, append: reject } }),
    'writing tables': (ports) => ({ ...ports, tables: { ...ports.tables, write: reject } }),
    'reading rows': (ports) => ({ ...ports, rows: { read: reject } as never }),
    'asking the broker': (ports) => ({
      ...ports,
      broker: { ...ports.broker, describe: reject, ends: reject } as never,
    }),
  }
}

describe('no word of the data in what is said of failures', () => {
  test.each(Object.entries(failures))(
    '%s',
    async (_, fail) => {
      for (const [where, change] of Object.entries(failing(fail))) {
        const deployed = { current: undefined as Deployed | undefined }
        const lines = await linesOf(async () => {
          deployed.current = await Deployed.of(processors, change)
          await run(deployed.current)
        })
        const thrown = deployed.current!.failures
        expect(thrown.length, where).toBeGreaterThan(0)
        const shown = thrown.map((error) => inspect(error, { depth: 9, showHidden: true }) + asLambdaPrints(error))
        expect(
          [...lines, ...shown].filter((line) => line.includes(CANARY)),
          where,
        ).toEqual([])
      }
    },
    60_000,
  )
})

/** Everything that Lambda's runtime prints of an error: its own fields, and the stack. */
function asLambdaPrints(error: unknown): string {
  const { name, message, stack } = error as Error
  return JSON.stringify(Object.assign({ name, message, stack }, error))
}

test.each([
  ['in its message', () => new Error(CANARY)],
  ['in its name', () => Object.assign(new Error('x'), { name: CANARY })],
  ['as it is', () => CANARY],
  ['as a field', () => ({ CANARY, name: CANARY })],
])('code that throws the value %s', async (_, make) => {
  const source = topic('in', { schema: z.string() })
  const throws = processor('throws')
    .from(source)
    .map((): unknown => {
      throw make()
    })
    .to(topic('out', { schema: z.unknown() }))
  const deployed = { current: undefined as Deployed | undefined }
  const lines = await linesOf(async () => {
    deployed.current = await Deployed.of([throws])
    deployed.current.produce('in', CANARY, JSON.stringify(CANARY), headers)
    await deployed.current.settle()
  })
  const [parked] = await deployed.current!.parked()
  expect(parked).toMatchObject({ reason: 'CODE_FAILED' })
  expect([parked!.detail, ...lines].filter((line) => line.includes(CANARY))).toEqual([])
})
