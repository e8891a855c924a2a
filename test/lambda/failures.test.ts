import { expect, test } from 'vitest'
import { processors } from '../../functions/index.ts'
import { MillraceError } from '../../shared/errors.ts'
import { memoryJournalStore } from '../../shared/journal/memory.ts'
import { presentable } from '../../shared/runtime/lambda/failure.ts'
import { powertoolsLog } from '../../shared/runtime/logging.ts'
import type { Ports } from '../../shared/runtime/ports.ts'
import { LambdaUnderTest, sample } from './harness.ts'
import { linesOf } from './stdout.ts'

const of = (stage: string, ports: Partial<Ports> = {}) =>
  LambdaUnderTest.of(processors, stage, { ports, metrics: { addReport() {}, addEvent() {}, publish() {} } })

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error,
  )

/** Everything that Lambda's runtime prints of an error: its own fields, and the stack. */
function asLambdaPrints(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error)
  return JSON.stringify(Object.assign({ name: error.name, message: error.message, stack: error.stack }, error))
}

const readOnly = (failure: () => never): Partial<Ports> => ({
  journal: { ...memoryJournalStore(), read: async () => failure() },
})

test('an error of ours is logged with code and facts, told from data, and thrown on as it is', async () => {
  const down = new MillraceError('JOURNAL_UNREACHABLE', { reason: 'TimeoutError' })
  const lambda = await of(
    'card-spend',
    readOnly(() => {
      throw down
    }),
  )
  expect(await failureOf(lambda.invoke(sample('msk-transactions')))).toBe(down)
  expect(lambda.logged).toContainEqual({
    level: 'warn',
    what: 'invocation failed',
    code: 'JOURNAL_UNREACHABLE',
    retriable: true,
    facts: { reason: 'TimeoutError' },
    explanation: down.message,
    kind: 'batch',
    records: 9,
    offsets: { 0: '100-106', 7: '0-1' },
    requestId: 'request-1',
  })
})

test('an error that is not ours keeps its class and its place, and loses its message', async () => {
  const lambda = await of(
    'card-spend',
    readOnly(() => JSON.parse('{"cardId": SECRET}\n    at SECRET (SECRET.js:1:1)') as never),
  )
  const failure = await failureOf(lambda.invoke(sample('tick')))
  expect(failure).toMatchObject({ name: 'MillraceError', code: 'UNEXPECTED', facts: { error: 'SyntaxError' } })
  expect((failure as Error).stack).toContain('failures.test')
  expect(asLambdaPrints(failure) + JSON.stringify(lambda.logged)).not.toContain('SECRET')
  expect(lambda.logged).toContainEqual(expect.objectContaining({ level: 'error', code: 'UNEXPECTED', kind: 'tick' }))
})

test.each([
  undefined,
  null,
  'SECRET',
  { SECRET: 1 },
  Object.assign(new Error('SECRET'), { stack: 'SECRET', SECRET: 1 }),
])('whatever is thrown, nothing of it is shown: %o', (thrown) => {
  expect(asLambdaPrints(presentable(thrown))).not.toContain('SECRET')
  expect(presentable(thrown)).toMatchObject({ code: 'UNEXPECTED', retriable: false })
})

test.each([
  ['nothing', undefined, 'an object with nothing'],
  ['null', null, 'null'],
  ['a text', 'SECRET', 'string'],
  ['another service', { Records: [{ s3: {} }] }, 'an object with Records'],
  ['records that are a list', { records: [1] }, 'records that are no array'],
  ['records that are no lists', { records: { 'transactions-0': 'SECRET' } }, 'records that are no array'],
  [
    'a record without a place',
    { records: { t: [{ value: 'SECRET' }] } },
    'a record without topic, partition and offset',
  ],
  ['an unknown command', { millrace: 'SECRET' }, 'an object with millrace'],
  ['a command that is no text', { millrace: 7 }, 'a "millrace" that is no text'],
  ['another topic', { records: { t: [{ topic: 'other', partition: 0, offset: 0 }] } }, 'records of the topic other'],
])('an event that is none of ours is refused: %s', async (_, event, given) => {
  for (const stage of ['card-spend', 'large-transactions']) {
    const lambda = await of(stage)
    const failure = await failureOf(lambda.invoke(event))
    expect(failure).toMatchObject({ code: 'EVENT_UNKNOWN', facts: { given } })
    expect(asLambdaPrints(failure) + JSON.stringify(lambda.logged)).not.toContain('SECRET')
  }
})

test('an event without records is no work', async () => {
  for (const stage of ['card-spend', 'large-transactions'])
    expect((await (await of(stage)).invoke({ records: { 'transactions-0': [] } })).partitions).toEqual([])
})

test('the log of a function is JSON lines that no console wraps', async () => {
  const lines = await linesOf(async () => {
    const log = powertoolsLog('card-spend')
    log('debug', { what: 'unseen' })
    log('info', { what: 'tick holds', partition: 3, behind: 12 })
    log('error', { what: 'invocation failed', facts: { reason: 'TimeoutError' } })
  })
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { level: 'INFO', message: 'tick holds', service: 'card-spend', partition: 3, behind: 12 },
    { level: 'ERROR', message: 'invocation failed', service: 'card-spend', facts: { reason: 'TimeoutError' } },
  ])
})
