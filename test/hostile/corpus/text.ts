import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { both, CANARY, CARD, type HostileCase, tx, txText, txWith } from '../case.ts'

const json = JSON.stringify(tx())
/** The value with raw bytes in the place of the merchant. */
function withBytes(...bytes: number[]): Uint8Array {
  const [before, after] = JSON.stringify(tx({ merchant: '@@' })).split('@@')
  return Buffer.concat([Buffer.from(before!), Buffer.from(bytes), Buffer.from(after!)])
}

const notUtf8: Readonly<Record<string, readonly number[]>> = {
  'a byte that never occurs': [0xff],
  'a continuation alone': [0x80],
  'a sequence that ends early': [0xe2, 0x82],
  'an overlong slash': [0xc0, 0xaf],
  'an overlong NUL': [0xc0, 0x80],
  'a surrogate as bytes': [0xed, 0xa0, 0x80],
  'beyond Unicode': [0xf4, 0x90, 0x80, 0x80],
  'Latin-1': [0xe9],
}

const roundTrips: Readonly<Record<string, string>> = {
  empty: '',
  'a NUL': '\u0000',
  'all control characters': Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join(''),
  'DEL and C1': '\u007f\u0080\u009f',
  'a byte order mark inside': 'a\ufeffb',
  'zero width': 'a\u200b\u200c\u200d\u2060b',
  'line and paragraph separators': '\u2028\u2029',
  'right to left, and back': '\u202eabc\u202c\u2066x\u2069',
  'a surrogate pair': '😀',
  'a pair the wrong way round': '\udc00\ud83d',
  'half a pair at the end': 'abc\ud83d',
  noncharacters: '\ufdd0\ufffe\uffff',
  'private use': '\ue000\uf8ff',
  'the last code point': '\u{10ffff}',
  'many marks on one letter': `e${'\u0301'.repeat(500)}`,
  'a ligature that grows in upper case': 'ﬃ',
  'a Turkish i': 'İı',
  'tab and line feed': 'a\tb\nc\r\n',
  'a format string': '%s%n%x{0}',
  'a template': '\u0024{process.exit(1)}{{7*7}}',
  'a path': '../../../../etc/passwd\u0000.json',
  'an address': 'http://169.254.169.254/latest/meta-data/',
  'an expression of DynamoDB': 'attribute_not_exists(pk) OR seq < :above',
  'an identity of ours': 'card-spend.1.5;9007199254740991.0;1',
  'a reserved address': '\u0000lane',
  'an escape sequence of terminals': '\u001b]8;;http://x\u0007x\u001b[2J',
  'a name of a prototype': '__proto__',
  'what looks like a metric line': '{"_aws":{"CloudWatchMetrics":[]}}',
  'a regular expression that backtracks': `${'a'.repeat(5_000)}!`,
}

/** Encodings, and texts that are no JSON or not the JSON that was expected. */
export const text: readonly HostileCase[] = [
  ...Object.entries(notUtf8).map(([what, bytes]) =>
    both(`not UTF-8: ${what}`, { value: withBytes(...bytes) }, 'NOT_UTF8'),
  ),
  both('UTF-16', { value: Buffer.from(`\ufeff${json}`, 'utf16le') }, 'NOT_UTF8'),
  both('gzip', { value: gzipSync(json) }, 'NOT_UTF8'),
  both('a bomb: a megabyte of zeros in gzip', { value: gzipSync(new Uint8Array(1_000_000)) }, 'NOT_UTF8'),
  both('zstd', { value: zstdCompressSync(json) }, 'NOT_UTF8'),
  both('a byte order mark', { value: `\ufeff${json}` }, 'NOT_JSON'),
  both('no bytes', { value: '' }, 'NOT_JSON'),
  both('white space', { value: ' \n\t' }, 'NOT_JSON'),
  both('a NUL', { value: '\u0000' }, 'NOT_JSON'),
  both('a NUL after the value', { value: `${json}\u0000` }, 'NOT_JSON'),
  both('two values', { value: `${json}${json}` }, 'NOT_JSON'),
  both('NDJSON', { value: `${json}\n${json}\n` }, 'NOT_JSON'),
  both('white space that is none in JSON', { value: `\u00a0${json}` }, 'NOT_JSON'),
  both('half a value', { value: json.slice(0, -20) }, 'NOT_JSON'),
  both('a comma too many', { value: `${json.slice(0, -1)},}` }, 'NOT_JSON'),
  both('a comment', { value: `${json}// ${CANARY}` }, 'NOT_JSON'),
  both('single quotes', { value: json.replaceAll('"', "'") }, 'NOT_JSON'),
  both('code', { value: `globalThis.${CANARY.replaceAll('-', '_')} = ${json}` }, 'NOT_JSON'),
  both('a raw tab in a text', { value: txWith('merchant', `"\t${CANARY}"`) }, 'NOT_JSON'),
  both('a raw line feed in a text', { value: txWith('merchant', `"\n${CANARY}"`) }, 'NOT_JSON'),
  both('an escape that is none', { value: txWith('merchant', `"\\x41${CANARY}"`) }, 'NOT_JSON'),
  both('CSV', { value: `${CANARY},5000,2025-11-24` }, 'NOT_JSON'),
  both(
    'XML with an entity',
    { value: `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;${CANARY}</x>` },
    'NOT_JSON',
  ),

  both("JSON's null", { value: 'null' }, 'SCHEMA'),
  both('a text', { value: `"${CANARY}"` }, 'SCHEMA'),
  both('a number', { value: '42' }, 'SCHEMA'),
  both('true', { value: 'true' }, 'SCHEMA'),
  both('an array', { value: `[${json}]` }, 'SCHEMA'),
  both('an empty object', { value: '{}' }, 'SCHEMA'),
  both('JSON in JSON', { value: JSON.stringify(json) }, 'SCHEMA'),
  both('a name in another case', { value: json.replace('"amount"', '"Amount"') }, 'SCHEMA'),
  both('a tombstone', { value: null }, 'NULL_VALUE'),
  both('a tombstone, the field absent', { value: 'absent' }, 'NULL_VALUE'),

  {
    ...both('a name twice: the last one counts', { value: txText('"amount":7000,"merchant":"last"') }, 'counted'),
    result: { cardSpend: { count: 1, total: 7_000 }, largeTransactions: { amount: 7_000, merchant: 'last' } },
  },
  {
    ...both('a name twice, once escaped', { value: txText('"\\u0061mount":8000') }, 'counted'),
    result: { largeTransactions: { amount: 8_000 } },
  },
  {
    ...both('a lone surrogate in a text', { value: txWith('merchant', '"\\ud800x"') }, 'counted'),
    result: { largeTransactions: { merchant: '\ud800x' } },
  },
  {
    ...both('a lone surrogate the other way round', { value: txWith('merchant', '"\\udc00\\ud800"') }, 'counted'),
    result: { largeTransactions: { merchant: '\udc00\ud800' } },
  },
  {
    ...both(
      'control characters in a text',
      { value: JSON.stringify(tx({ merchant: '\u0000\t\n\r\u001b[31m\u2028' })) },
      'counted',
    ),
    result: { largeTransactions: { merchant: '\u0000\t\n\r\u001b[31m\u2028' } },
  },
  both('a text that turns around', { value: JSON.stringify(tx({ merchant: `\u202e${CANARY}\u0000` })) }, 'counted'),
  both(
    'a formula, a tag and a statement',
    {
      value: JSON.stringify(
        tx({ merchant: `=cmd|'/C calc'!A0<script>alert(1)</script>'; DROP TABLE x;--\${jndi:ldap://x}` }),
      ),
    },
    'counted',
  ),
  both('fields that nobody declared', { value: txText(`"cardId ":"${CANARY}","admin":true`) }, 'counted'),

  both('base64: no such alphabet', { base64: { value: '!!!!****' } }, 'NOT_JSON'),
  both('base64: a single character', { base64: { value: 'A' } }, 'NOT_JSON'),
  both('base64: only padding', { base64: { value: '====' } }, 'NOT_JSON'),
  both('base64: cut off', { base64: { value: Buffer.from(json).toString('base64').slice(0, -9) } }, 'NOT_JSON'),
  both('base64: not encoded at all', { base64: { value: json } }, 'NOT_UTF8'),
  both('base64: beyond ASCII', { base64: { value: 'é€😀'.repeat(100) } }, 'NOT_JSON'),
  // Node.js leaves out what is not of the alphabet, and takes the one for URLs too.
  both(
    'base64: without its padding',
    { base64: { value: Buffer.from(`${json} `).toString('base64').replaceAll('=', '') } },
    'counted',
  ),
  both(
    'base64: in lines',
    { base64: { value: Buffer.from(json).toString('base64').replace(/.{76}/g, '$&\r\n') } },
    'counted',
  ),
  both(
    'base64: for URLs',
    { base64: { value: Buffer.from(JSON.stringify(tx({ merchant: '???>>>~~~' }))).toString('base64url') } },
    'counted',
  ),
  both(
    'base64: of a key, without its padding',
    { base64: { key: Buffer.from(CARD).toString('base64').replaceAll('=', '') } },
    'counted',
  ),

  // Texts that come out as they went in.
  ...Object.entries(roundTrips).map(([what, merchant]) => ({
    ...both(`a text: ${what}`, { value: JSON.stringify(tx({ merchant })) }, 'counted'),
    result: { largeTransactions: { merchant } },
  })),
  ...Object.entries(notUtf8).flatMap(([what, bytes]) => [
    both(`not UTF-8: ${what}, before all`, { value: Buffer.from([...bytes, ...Buffer.from(json)]) }, 'NOT_UTF8'),
    both(`not UTF-8: ${what}, behind all`, { value: Buffer.from([...Buffer.from(json), ...bytes]) }, 'NOT_UTF8'),
    both(`not UTF-8: ${what}, alone`, { value: Buffer.from(bytes) }, 'NOT_UTF8'),
  ]),
  both('a replacement character that was written', { value: JSON.stringify(tx({ merchant: '\ufffd' })) }, 'counted'),
  both('UTF-16 without its mark', { value: Buffer.from(`\u20ac${json}`, 'utf16le') }, 'NOT_UTF8'),
  both('UTF-16 of ASCII alone: NULs between', { value: Buffer.from(json, 'utf16le') }, 'NOT_JSON'),
  both('UTF-32', { value: Buffer.from([...json].flatMap((each) => [0, 0, 0, each.charCodeAt(0)])) }, 'NOT_JSON'),
  both('deflate', { value: deflateSync(json) }, 'NOT_UTF8'),
  both('brotli', { value: brotliCompressSync(json) }, 'NOT_UTF8'),
  both('a bomb in zstd', { value: zstdCompressSync(new Uint8Array(5_000_000)) }, 'NOT_UTF8'),
  both('a bomb in brotli', { value: brotliCompressSync(Buffer.alloc(1_000_000, ' ')) }, 'NOT_UTF8'),
  both('Avro', { value: Buffer.from([0, 0, 0, 0, 9, 0x99, 0x80, 0x81]) }, 'NOT_UTF8'),
  both('Protobuf', { value: Buffer.from([0x0a, 0x03, 0x61, 0x62, 0x63, 0x10, 0x96, 0x01]) }, 'NOT_UTF8'),
  both('Java serialization', { value: Buffer.from([0xac, 0xed, 0, 5, 0x73, 0x72]) }, 'NOT_UTF8'),
  both('200,000 NULs', { value: new Uint8Array(200_000) }, 'NOT_JSON'),
  both('200,000 bytes of 0xff', { value: new Uint8Array(200_000).fill(0xff) }, 'NOT_UTF8'),
  ...[
    'undefined',
    'True',
    'NULL',
    'tru',
    'nullnull',
    '{',
    '}',
    '[',
    '"',
    '"\\',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{a:1}',
    '[1,]',
    '{"a":1,}',
    '\u2028{}',
    '{}\u2029',
    '\\u007b\\u007d',
    '/**/{}',
    '#{}',
    '---\na: 1',
  ].map((value) => both(`no JSON: ${JSON.stringify(value)}`, { value }, 'NOT_JSON')),
  ...['false', '0', '-0', '""', '[]', '[[]]', '[null]', '{"":{}}', '{"id":1}', '"{}"', '[{}]'].map((value) =>
    both(`JSON of something else: ${value}`, { value }, 'SCHEMA'),
  ),
  ...['id', 'cardId', 'amount', 'merchant', 'country', 'at'].flatMap((field) => [
    both(`no ${field}`, { value: JSON.stringify(tx({ [field]: undefined })) }, 'SCHEMA'),
    ...['null', '[]', '{}', 'false'].map((literal) =>
      both(`${literal} for ${field}`, { value: txWith(field, literal) }, 'SCHEMA'),
    ),
    both(`${field} twice, the last one none`, { value: txText(`"${field}":null`) }, 'SCHEMA'),
  ]),
]
