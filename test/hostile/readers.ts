import { fraudSettings } from '../../functions/fraud-settings.ts'
import type { KafkaEventRecord } from '../../shared/runtime/kafka-event.ts'
import { T } from '../lambda/harness.ts'
import type { Outcome } from './case.ts'

/** A hostile record in front of a stage that reads another topic than transactions. */
export interface ReaderCase {
  readonly id: string
  readonly key: string | null
  readonly value: string | null
  readonly headers?: KafkaEventRecord['headers']
  readonly outcome: Outcome | 'duplicatesDropped'
}

/** A stage, the sound records around a hostile one, and what it writes. */
export interface Reader {
  readonly stage: string
  readonly good: readonly Omit<ReaderCase, 'id' | 'outcome'>[]
  readonly topics: readonly string[]
  readonly tables: readonly string[]
  readonly cases: readonly ReaderCase[]
}

const json = JSON.stringify
const without = (value: object, field: string, literal: string): string => {
  const { [field]: _, ...rest } = value as Record<string, unknown>
  return `${json(rest).slice(0, -1)},${json(field)}:${literal}}`
}

// Settings: a change that does not fit is parked, and nothing changes.

const { name } = fraudSettings
const change = (id: string, document: unknown, outcome: Outcome): ReaderCase => ({
  id: `settings: ${id}`,
  key: name,
  value: json({ name, document }),
  outcome,
})
const raw = (id: string, value: string | null, outcome: Outcome, key: string | null = name): ReaderCase => ({
  id: `settings: ${id}`,
  key,
  value,
  outcome,
})
const rule = (given: unknown) => ({ rules: { 'velocity-count': given } })
const listed = (count: number) => ({
  lists: { a: Array.from({ length: count / 2 }, () => 'x'), b: Array.from({ length: count / 2 }, () => 'y') },
})

const settings: Reader = {
  stage: 'fraud-settings',
  good: [1, 2, 3, 4].map((n) => ({ key: name, value: json({ name, document: { lists: { good: [`v${n}`] } } }) })),
  topics: [`${name}-versions`],
  tables: [name],
  cases: [
    ...[null, 1, 'x', true].map((document) => change(`a document that is ${json(document)}`, document, 'SCHEMA')),
    change('a document that is a list', [], 'SETTINGS_INVALID'),
    ...['rule', 'list', 'toString', 'hasOwnProperty', 'on'].map((field) =>
      change(`a field called ${field}`, { [field]: {} }, 'SETTINGS_INVALID'),
    ),
    ...[[], 'x', 1, true].map((rules) => change(`rules that are ${json(rules)}`, { rules }, 'SETTINGS_INVALID')),
    ...['nobody', 'toString', 'valueOf', '', 'velocity-count '].map((each) =>
      change(`a rule called ${json(each)}`, { rules: { [each]: {} } }, 'SETTINGS_INVALID'),
    ),
    ...[[], 'x', 1, true].map((given) => change(`a rule that is ${json(given)}`, rule(given), 'SETTINGS_INVALID')),
    ...[0, 1, 'true', null, []].map((on) => change(`on: ${json(on)}`, rule({ on }), 'SETTINGS_INVALID')),
    ...[0, 'false', null, {}].map((shadow) => change(`shadow: ${json(shadow)}`, rule({ shadow }), 'SETTINGS_INVALID')),
    ...[
      null,
      1,
      [],
      {},
      { withinMs: 1 },
      { withinMs: 0, most: 1 },
      { withinMs: 1, most: -1 },
      { withinMs: 1.5, most: 1 },
      { withinMs: '1', most: 1 },
      { withinMs: 1, most: 1, more: 1 },
    ].map((parameters) => change(`parameters ${json(parameters)}`, rule({ parameters }), 'SETTINGS_INVALID')),
    ...[[], 'x', 1].map((lists) => change(`lists that are ${json(lists)}`, { lists }, 'SETTINGS_INVALID')),
    ...[null, 'x', {}, [1], [null], [['x']], [{}]].map((list) =>
      change(`a list that is ${json(list)}`, { lists: { list } }, 'SETTINGS_INVALID'),
    ),
    change('20,002 values in two lists', listed(20_002), 'TOO_LARGE'),
    change('20,001 values in three lists', { lists: { ...listed(20_000).lists, c: ['z'] } }, 'SETTINGS_INVALID'),
    raw('no name', json({ document: {} }), 'SCHEMA'),
    raw('neither document nor version', json({ name }), 'SCHEMA'),
    raw('document and version', json({ name, document: {}, rollBackTo: 1 }), 'SCHEMA'),
    ...['1.5', '"1"', 'null', '-1e999'].map((version) =>
      raw(
        `back to ${version}`,
        `{"name":"${name}","rollBackTo":${version}}`,
        version === '-1e999' ? 'NUMBER_UNSAFE' : 'SCHEMA',
      ),
    ),
    ...[0, -1, 99, Number.MAX_SAFE_INTEGER].map((rollBackTo) =>
      raw(`back to version ${rollBackTo}, which there is not`, json({ name, rollBackTo }), 'SETTINGS_INVALID'),
    ),
    raw('a note of 1,001 characters', json({ name, document: {}, note: 'n'.repeat(1_001) }), 'SCHEMA'),
    raw('a note that is no text', json({ name, document: {}, note: {} }), 'SCHEMA'),
    raw('settings of others', json({ name: 'others', document: {} }), 'SETTINGS_INVALID', 'others'),
    raw('settings of others under this key', json({ name: 'others', document: {} }), 'KEY_MISMATCH'),
    raw('another key', json({ name, document: {} }), 'KEY_MISMATCH', 'others'),
    raw('no key', json({ name, document: {} }), 'KEY_MISSING', null),
    raw('a delete', null, 'NULL_VALUE'),
    raw('a prototype', `{"name":"${name}","document":{"__proto__":{"rules":{}}}}`, 'HOSTILE_KEY'),
  ],
}

// Authorizations, before a set of rules.

const paid = {
  id: 'p',
  cardId: 'x',
  deviceId: 'd',
  amount: 5,
  merchant: 'm',
  country: 'AT',
  latitude: 48,
  longitude: 16,
  approved: true,
  at: T + 3_500,
}
const pay = (id: string, field: string, literal: string, outcome: Outcome): ReaderCase => ({
  id: `authorizations: ${id}`,
  key: 'x',
  value: without(paid, field, literal),
  outcome,
})
const goodPays = [5, 6, 7, 5_000].map((amount, n) => ({
  key: 'good',
  value: json({ ...paid, id: `g${n}`, cardId: 'good', deviceId: 'good', amount, at: T + n * 1_000 }),
}))
const wrong = (field: string, ...literals: readonly string[]) =>
  literals.map((literal) => pay(`${field} ${literal}`, field, literal, 'SCHEMA'))
const payments: readonly ReaderCase[] = [
  ...wrong('latitude', '90.1', '-90.1', '"48"', 'null', '[48]'),
  ...wrong('longitude', '180.1', '-1e15', 'true', '{}'),
  ...wrong('approved', '1', '"true"', 'null', '[]'),
  ...wrong('deviceId', '1', 'null', '{}'),
  ...wrong('country', '1', 'false'),
  ...wrong('merchant', '0', '{"toString":1}'),
  ...['1e999', '9007199254740993', '-9007199254740992'].flatMap((literal) =>
    ['latitude', 'longitude', 'amount'].map((field) => pay(`${field} ${literal}`, field, literal, 'NUMBER_UNSAFE')),
  ),
  ...['-90', '90', '-0', '5e-324'].map((literal) => pay(`latitude ${literal}`, 'latitude', literal, 'counted')),
  ...['-180', '180', '0e9'].map((literal) => pay(`longitude ${literal}`, 'longitude', literal, 'counted')),
  ...['-1', '0', '-9007199254740991', '9007199254740991'].map((literal) =>
    pay(`amount ${literal}`, 'amount', literal, 'counted'),
  ),
  ...['__proto__', 'constructor', '\u0000', '', '\ud800'].map((merchant) =>
    pay(`merchant ${json(merchant).slice(0, 20)}`, 'merchant', json(merchant), 'counted'),
  ),
]
const longMerchant = (outcome: Outcome): ReaderCase =>
  pay(`a merchant of 60,000 characters: ${outcome}`, 'merchant', json('m'.repeat(60_000)), outcome)

const cardRules: Reader = {
  stage: 'card-rules',
  good: goodPays,
  topics: ['rule-alerts', 'shadow-alerts'],
  tables: [],
  // Rules remember merchants, and an id of more than 256 characters is not remembered.
  cases: [...payments, longMerchant('CODE_FAILED')],
}
const byDevice = ['\u0000lane', '\u0001"d"', '__proto__', '', ' ', 'd'.repeat(1_024), '😀'].map((device) =>
  pay(`device ${json(device).slice(0, 20)}`, 'deviceId', json(device), 'counted'),
)
const deviceRekey: Reader = {
  stage: 'device-rules-rekey',
  good: goodPays,
  topics: ['millrace.device-rules.1.rekey'],
  tables: [],
  cases: [
    ...payments.map((each) => ({ ...each, id: `by device: ${each.id}` })),
    ...byDevice,
    longMerchant('counted'),
    pay('a device of 1,025 bytes', 'deviceId', json('d'.repeat(1_025)), 'OUTPUT_TOO_LARGE'),
  ],
}

export const readers: readonly Reader[] = [settings, cardRules, deviceRekey]
