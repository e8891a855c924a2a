import { describe, expect, it } from 'vitest'
import { checkFilters, type FilterPattern, isDelivered } from '../../../../local/emulator/rules/filter.ts'
import { isMillraceError } from '../../../../shared/errors.ts'

const delivered = (value: string | Uint8Array, ...filters: FilterPattern[]): boolean => {
  checkFilters(filters)
  return isDelivered(Buffer.from(value), { filters, filteredNulls: 'drop' })
}

describe('a filter on JSON', () => {
  const order = JSON.stringify({
    status: 'Paid',
    amount: 250,
    empty: '',
    nothing: null,
    tags: ['new', 'big'],
    customer: { country: 'DE', vip: true },
    lines: [{ sku: 'a' }, { sku: 'b' }],
  })
  it.each<[string, FilterPattern['value'], boolean]>([
    ['equal', { status: ['Paid'] }, true],
    ['equal in its case too', { status: ['paid'] }, false],
    ['equal but for case', { status: [{ 'equals-ignore-case': 'pAID' }] }, true],
    ['one of several', { status: ['Open', 'Paid'] }, true],
    ['all of several fields', { status: ['Paid'], amount: [1] }, false],
    ['one field or another', { $or: [{ status: ['Open'] }, { amount: [250] }] }, true],
    ['a field and one of others', { status: ['Paid'], $or: [{ amount: [1] }, { amount: [2] }] }, false],
    ['nested', { customer: { country: ['DE', 'AT'], vip: [true] } }, true],
    ['nested in what is not there', { shop: { country: ['DE'] } }, false],
    ['null', { nothing: [null] }, true],
    ['null where there is no field', { missing: [null] }, false],
    ['empty', { empty: [''] }, true],
    ['an element of a list', { tags: ['big'] }, true],
    ['a field of an element of a list', { lines: { sku: ['b'] } }, true],
    ['prefix', { status: [{ prefix: 'Pa' }] }, true],
    ['suffix', { status: [{ suffix: 'Pa' }] }, false],
    ['prefix of a number', { amount: [{ prefix: '2' }] }, false],
    ['anything but', { status: [{ 'anything-but': ['Open', 'Paid'] }] }, false],
    ['anything but others', { status: [{ 'anything-but': 'Open' }] }, true],
    ['anything but a prefix', { status: [{ 'anything-but': { prefix: 'Pa' } }] }, false],
    ['anything but, where there is no field', { missing: [{ 'anything-but': 'Open' }] }, false],
    ['exists', { amount: [{ exists: true }] }, true],
    ['exists, of a null', { nothing: [{ exists: true }] }, true],
    ['exists, of an object', { customer: [{ exists: true }] }, false],
    ['does not exist', { missing: [{ exists: false }] }, true],
    ['does not exist, within what does not exist', { shop: { name: [{ exists: false }] } }, true],
    ['above', { amount: [{ numeric: ['>', 250] }] }, false],
    ['at least', { amount: [{ numeric: ['>=', 250] }] }, true],
    ['between', { amount: [{ numeric: ['>', 0, '<=', 250] }] }, true],
    ['a number, of text', { status: [{ numeric: ['>', 0] }] }, false],
    ['a name that every object has', { constructor: [{ exists: true }] }, false],
  ])('%s', (_, value, expected) => {
    expect(delivered(order, { value })).toBe(expected)
  })

  it.each([
    ['300', true],
    ['300.0', false],
    ['3.0e2', false],
  ])('takes the number 300 as it is written: %s', (written, expected) => {
    expect(delivered(`{"amount":${written}}`, { value: { amount: [300] } })).toBe(expected)
  })
})

describe('a filter that cannot be applied lets through', () => {
  const json: FilterPattern = { value: { status: ['never'] } }
  const text: FilterPattern = { value: ['never'] }
  it.each<[string, string | Uint8Array, FilterPattern, boolean]>([
    ['JSON, a filter for JSON: applied', '{"status":"x"}', json, false],
    ['text, a filter for text: applied', 'some text', text, false],
    ['text, a filter for JSON', 'some text', json, true],
    ['JSON, a filter for text', '{"status":"x"}', text, true],
    ['no UTF-8, a filter for JSON', Uint8Array.of(0xff, 0xfe), json, true],
    ['no UTF-8, a filter for text', Uint8Array.of(0xff, 0xfe), text, true],
  ])('%s', (_, value, filter, expected) => {
    expect(delivered(value, filter)).toBe(expected)
  })
})

it('text is matched as a whole', () => {
  const filter: FilterPattern = { value: [{ prefix: 'ERROR ' }, 'fatal'] }
  expect(['ERROR 7', 'an ERROR 7', 'fatal'].map((text) => delivered(text, filter))).toEqual([true, false, true])
})

it('one of several filters is enough, and without filters all is delivered', () => {
  expect(delivered('{"a":1}', { value: { a: [2] } }, { value: { a: [1] } })).toBe(true)
  expect(delivered('{"a":1}', { value: { a: [2] } }, { value: { a: [3] } })).toBe(false)
  expect(delivered('{"a":1}')).toBe(true)
})

it('a null value goes where the switch says', () => {
  const filters = [{ value: { a: [1] } }]
  expect(isDelivered(null, { filters, filteredNulls: 'deliver' })).toBe(true)
  expect(isDelivered(null, { filters, filteredNulls: 'drop' })).toBe(false)
  expect(isDelivered(null, { filters: [], filteredNulls: 'drop' })).toBe(true)
})

describe('a filter is refused that', () => {
  it.each<[string, unknown]>([
    ['looks at the key', { key: ['a'] }],
    ['looks at more than the value', { value: { a: [1] }, topic: ['t'] }],
    ['has a value outside a list', { value: { a: 1 } }],
    ['is empty', { value: {} }],
    ['has an operator that there is not', { value: { a: [{ wildcard: '*' }] } }],
    ['has two operators in one', { value: { a: [{ prefix: 'a', suffix: 'b' }] } }],
    ['compares with a text', { value: { a: [{ numeric: ['>', '5'] }] } }],
    ['compares in a way that there is not', { value: { a: [{ numeric: ['!=', 5] }] } }],
  ])('%s', (_, filter) => {
    expect(codeOf(() => checkFilters([filter as FilterPattern]))).toBe('OPTION_INVALID')
  })

  it('is the sixth', () => {
    const filter = { value: { a: [1] } }
    checkFilters(Array(5).fill(filter))
    expect(codeOf(() => checkFilters(Array(6).fill(filter)))).toBe('OPTION_INVALID')
  })
})

function codeOf(call: () => void): string | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    return isMillraceError(error) ? error.code : 'another error'
  }
}
