import { isUtf8 } from 'node:buffer'
import { recordLimits } from '../../../shared/runtime/flaws.ts'
import { CARD, type HostileCase, type HostileRecord, type Outcome, ofCard, tx } from '../case.ts'

const { keyBytesMax } = recordLimits

/** What only a stage with state minds; without state, the output topic's own key is used. */
const keyed = (
  id: string,
  record: HostileRecord,
  cardSpend: Outcome,
  largeTransactions: Outcome = 'counted',
): HostileCase => ({
  id: `key: ${id}`,
  record,
  cardSpend,
  largeTransactions,
})

/** Taken, and put out under exactly this key. */
const exact = (id: string, cardId: string): HostileCase => ({
  ...keyed(id, ofCard(cardId), 'counted'),
  result: { cardSpend: { key: cardId, count: 1 }, largeTransactions: { cardId } },
})

/** Texts that the journal's format, its reserved keys or DynamoDB could trip over. */
const odd: Readonly<Record<string, string>> = {
  'a tab': 'a\tb',
  'a line feed': 'a\nb',
  'two line feeds, as between cells and outputs': 'a\n\nb',
  'only a line feed': '\n',
  'a carriage return': 'a\r\nb',
  'a NUL': '\u0000',
  'a NUL inside': 'a\u0000b',
  'U+0001': '\u0001',
  'U+0001 before JSON': '\u0001"a"',
  'U+0002 and U+0003': '\u0002\u0003',
  'an escape sequence': '\u001b]0;x\u0007',
  'DEL and C1': '\u007f\u0085',
  'a line separator': '\u2028\u2029',
  'a byte order mark': '\ufeff',
  'a noncharacter': '\uffff',
  'a quote': '"',
  'a backslash': '\\',
  'a backslash and an n': '\\n',
  'a space': ' ',
  'JSON null': 'null',
  JSON: '{"a":1}',
  'a number': '1',
  'minus zero': '-0',
  'an exponent': '1e3',
  'like the reserved key of holes': '\u0000hole',
  'like the reserved key of lanes': '\u0000lane',
  'like the reserved key of time': '\u0000time',
  'like a journal item': 'card-spend.1.5.c.0',
  'like a table': 'table:card-spend',
  'like a lane': 'card-spend.1.0;5.0;1',
  __proto__: '__proto__',
  constructor: 'constructor',
  hasOwnProperty: 'hasOwnProperty',
  'an emoji': '👩‍👩‍👧‍👦',
  'beyond the BMP': '𝒞',
  'right to left': '\u202eabc',
  composed: 'é',
  decomposed: 'e\u0301',
  'a path': '../../etc/passwd',
}

const keysOfDeletes: Readonly<Record<string, HostileRecord['key'] & {}>> = {
  empty: '',
  absent: 'absent',
  'a prototype': '__proto__',
  'a reserved address': '\u0000hole',
  'not UTF-8': Uint8Array.of(0xff),
  'as long as allowed': 'k'.repeat(keyBytesMax),
  'too long': 'k'.repeat(keyBytesMax + 1),
  JSON: '{"a":1}',
}

/** Node.js passes over what is not of the alphabet: what is left are other bytes than the card's, or none. */
const ofBase64 = (key: string): [Outcome, Outcome] =>
  isUtf8(Buffer.from(key, 'base64')) ? ['KEY_MISMATCH', 'counted'] : ['KEY_NOT_UTF8', 'KEY_NOT_UTF8']

/** Keys of records. */
export const keys: readonly HostileCase[] = [
  ...Object.entries(odd).map(([id, cardId]) => exact(id, cardId)),
  keyed('none', { key: null }, 'KEY_MISSING'),
  keyed('absent', { key: 'absent' }, 'KEY_MISSING'),
  keyed('empty', { key: '' }, 'KEY_MISSING'),
  keyed('empty, and the value agrees', ofCard(''), 'KEY_MISSING'),
  keyed('of somebody else', { key: 'card-other' }, 'KEY_MISMATCH'),
  keyed('with a space behind it', { key: `${CARD} ` }, 'KEY_MISMATCH'),
  keyed('as JSON', { key: JSON.stringify(CARD) }, 'KEY_MISMATCH'),
  keyed(
    'composed, the value decomposed',
    { key: 'é', value: JSON.stringify(tx({ cardId: 'e\u0301' })) },
    'KEY_MISMATCH',
  ),
  keyed(
    'a replacement character, a lone surrogate in the value',
    { key: '\ud800', value: JSON.stringify(tx({ cardId: '\ud800' })) },
    'KEY_MISMATCH',
  ),
  keyed('not UTF-8', { key: Buffer.from([0x63, 0xff, 0xfe]) }, 'KEY_NOT_UTF8', 'KEY_NOT_UTF8'),
  keyed('Avro', { key: Buffer.from([0, 0, 0, 0, 7, 0x99, 0x80]) }, 'KEY_NOT_UTF8', 'KEY_NOT_UTF8'),
  keyed('a long one in binary', { key: new Uint8Array(8).fill(0x80) }, 'KEY_NOT_UTF8', 'KEY_NOT_UTF8'),
  exact('as long as allowed', 'k'.repeat(keyBytesMax)),
  exact('as long as allowed, beyond ASCII', `${'€'.repeat((keyBytesMax - 1) / 3)}k`),
  keyed('one byte too long', ofCard('k'.repeat(keyBytesMax + 1)), 'TOO_LARGE', 'TOO_LARGE'),
  keyed('two bytes too long', ofCard('k'.repeat(keyBytesMax + 2)), 'TOO_LARGE', 'TOO_LARGE'),
  keyed('three bytes too long', ofCard('k'.repeat(keyBytesMax + 3)), 'TOO_LARGE', 'TOO_LARGE'),
  keyed('one byte too long, beyond ASCII', ofCard('€'.repeat((keyBytesMax + 2) / 3)), 'TOO_LARGE', 'TOO_LARGE'),
  keyed('60,000 bytes, and the value agrees', ofCard('k'.repeat(60_000)), 'TOO_LARGE', 'TOO_LARGE'),
  keyed('500,000 bytes', { key: 'k'.repeat(500_000) }, 'TOO_LARGE', 'TOO_LARGE'),
  keyed('all control characters, as long as allowed', ofCard('\u0001'.repeat(keyBytesMax)), 'counted'),
  keyed('of a tombstone', { key: CARD, value: null }, 'NULL_VALUE', 'NULL_VALUE'),
  keyed('in base64 that is none', { base64: { key: '****' } }, 'KEY_MISMATCH'),
  keyed(
    'too long only in the value',
    { key: CARD, value: JSON.stringify(tx({ cardId: 'k'.repeat(keyBytesMax + 1) })) },
    'KEY_MISMATCH',
    'OUTPUT_TOO_LARGE',
  ),

  ...[-1, 0, 1].map((over) => ({
    ...keyed(
      `${over} bytes over the limit, four of them each`,
      ofCard('😀'.repeat((keyBytesMax - 4) / 4) + 'k'.repeat(4 + over)),
      over > 0 ? 'TOO_LARGE' : 'counted',
      over > 0 ? 'TOO_LARGE' : 'counted',
    ),
  })),
  ...Object.entries(keysOfDeletes).map(([id, key]) =>
    keyed(`of a tombstone: ${id}`, { key, value: null }, 'NULL_VALUE', 'NULL_VALUE'),
  ),
  ...['****', '=', 'A', '====', 'é', '\u0000', '{"a":1}', ' '].map((key) =>
    keyed(`in base64 that is ${JSON.stringify(key)}`, { base64: { key } }, ...ofBase64(key)),
  ),
  ...['\ud800', '\udfff', 'a\ud83db'].map((cardId) =>
    keyed(`a lone surrogate, which no bytes can say: ${JSON.stringify(cardId)}`, ofCard(cardId), 'KEY_MISMATCH'),
  ),
]
