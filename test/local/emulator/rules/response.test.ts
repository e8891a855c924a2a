import { describe, expect, it } from 'vitest'
import { outcomeOf } from '../../../../local/emulator/rules/response.ts'
import { namesOf, recordsOf } from '../record.ts'

const given = [...recordsOf(0, 5, 8), ...recordsOf(12, 0, 2)]
const failures = (...identifiers: unknown[]) => ({ batchItemFailures: identifiers.map((i) => ({ itemIdentifier: i })) })
const outcome = (response: unknown) => outcomeOf(response, given, 'success')

describe('an answer means success when it', () => {
  it.each([
    ['is null', null],
    ['is nothing', undefined],
    ['is an empty object', {}],
    ['is an object about something else', { statusCode: 200 }],
    ['has an empty list', { batchItemFailures: [] }],
    ['has null for a list', { batchItemFailures: null }],
  ])('%s', (_, response) => {
    expect(outcome(response)).toEqual({ kind: 'success' })
  })
})

describe('records that failed', () => {
  it('are named by an object of partition and offset, and are just those', () => {
    const found = outcome(failures({ partition: 'orders-12', offset: 1 }, { partition: 'orders-0', offset: 6 }))
    expect(found.kind).toBe('partial')
    expect(found.kind === 'partial' && namesOf(found.failed)).toEqual(['0:6', '12:1'])
  })

  it('may be named twice', () => {
    const found = outcome(failures({ partition: 'orders-0', offset: 6 }, { partition: 'orders-0', offset: 6 }))
    expect(found.kind === 'partial' && namesOf(found.failed)).toEqual(['0:6'])
  })

  it('may be all', () => {
    const all = given.map(({ partition, offset }) => ({ partition: `orders-${partition}`, offset }))
    expect(outcome(failures(...all))).toEqual({ kind: 'partial', failed: given })
  })
})

describe('the whole batch failed when the answer', () => {
  const good = { partition: 'orders-0', offset: 5 }
  it.each([
    ['names an offset that was not in the event', failures(good, { partition: 'orders-0', offset: 99 })],
    ['names a partition that was not in the event', failures(good, { partition: 'orders-1', offset: 5 })],
    ['names another topic', failures({ partition: 'payments-0', offset: 5 })],
    ['names the partition by its number', failures({ partition: 0, offset: 5 })],
    ['writes the offset as text', failures({ partition: 'orders-0', offset: '5' })],
    ['joins partition and offset in one text', failures('orders-0-5')],
    ['has an empty text for a name', failures('')],
    ['has null for a name', failures(null)],
    ['has an item without a name', { batchItemFailures: [{ itemIdentifier: good }, {}] }],
    ['has null for an item', { batchItemFailures: [null] }],
    ['misspells what it is called', { batchItemFailures: [{ itemIdentifer: good }] }],
    ['has no list but a text', { batchItemFailures: 'orders-0' }],
  ])('%s', (_, response) => {
    expect(outcome(response)).toEqual({ kind: 'invalid' })
  })
})

it.each(['', 'done', 0, true, [[]]])('an answer that is no object (%j) means what the switch says', (response) => {
  expect(outcomeOf(response, given, 'success')).toEqual({ kind: 'success' })
  expect(outcomeOf(response, given, 'failure')).toEqual({ kind: 'invalid' })
})
