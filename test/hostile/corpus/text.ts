import { gzipSync, zstdCompressSync } from 'node:zlib'
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
]
