import { describe, expect, test } from 'vitest'
import { processors } from '../../functions/index.ts'
import { plan } from '../../shared/processor/plan.ts'
import { lambdaPorts } from '../../shared/runtime/lambda/ports.ts'
import { settingsFrom } from '../../shared/runtime/lambda/settings.ts'

const declared = plan(processors)
const environment = {
  MILLRACE_STAGE: 'card-spend',
  MILLRACE_BROKERS: 'b-1.example.com:9098, b-2.example.com:9098',
  MILLRACE_AUTH: 'iam',
  MILLRACE_JOURNAL_TABLE: 'millrace',
  AWS_REGION: 'eu-central-1',
}

describe('the environment of a function', () => {
  test('is read', () => {
    expect(settingsFrom(environment, declared)).toMatchObject({
      stage: { id: 'card-spend' },
      brokers: ['b-1.example.com:9098', 'b-2.example.com:9098'],
      auth: { kind: 'iam', region: 'eu-central-1' },
      journalTable: 'millrace',
    })
  })

  test('needs no journal for a stage without state, and no region without IAM', () => {
    const { MILLRACE_JOURNAL_TABLE, AWS_REGION, ...rest } = environment
    const settings = settingsFrom({ ...rest, MILLRACE_STAGE: 'log-counts-rekey', MILLRACE_AUTH: 'none' }, declared)
    expect(settings).toMatchObject({ stage: { id: 'log-counts-rekey' }, auth: { kind: 'none' } })
    expect(settings.journalTable).toBeUndefined()
  })

  test.each(['MILLRACE_STAGE', 'MILLRACE_BROKERS', 'MILLRACE_AUTH', 'MILLRACE_JOURNAL_TABLE', 'AWS_REGION'])(
    'says what is missing: %s',
    (name) => {
      for (const value of [undefined, '', ' '])
        expect(() => settingsFrom({ ...environment, [name]: value }, declared)).toThrow(
          expect.objectContaining({ code: 'SETTING_MISSING', facts: expect.objectContaining({ name }) }),
        )
    },
  )

  test('names the stages there are', () => {
    expect(() => settingsFrom({ ...environment, MILLRACE_STAGE: 'cardspend' }, declared)).toThrow(/card-spend/)
  })

  test('refuses a way to sign in that there is not', () => {
    expect(() => settingsFrom({ ...environment, MILLRACE_AUTH: 'scram-sha-512' }, declared)).toThrow(
      expect.objectContaining({ code: 'USAGE' }),
    )
  })
})

describe('the ports of a function', () => {
  test('connect to nothing while they are made', async () => {
    const ports = await lambdaPorts(settingsFrom(environment, declared))
    expect(ports.journal.usage).toEqual({ reads: 0, writes: 0, readUnits: 0, writeUnits: 0 })
    for (const each of [ports.journal, ports.tables, ports.topics, ports.broker]) await each.close()
  })

  test('of a stage without state and tables hold no database', async () => {
    const ports = await lambdaPorts(settingsFrom({ ...environment, MILLRACE_STAGE: 'fahrenheit' }, declared))
    await expect(ports.journal.read(['x'])).rejects.toThrow('has no database')
    await expect(ports.tables.write('x', [])).rejects.toThrow('has no database')
  })
})
