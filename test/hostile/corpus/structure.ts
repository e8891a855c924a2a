import { recordLimits } from '../../../shared/runtime/flaws.ts'
import { both, CANARY, type HostileCase, type Outcome, tx, txText, txWith } from '../case.ts'

const { valueBytesMax, depthMax, stringLengthMax, arrayLengthMax, objectKeysMax } = recordLimits

const nested = (open: string, close: string, depth: number, inside = ''): string =>
  open.repeat(depth) + inside + close.repeat(depth)
const padded = (bytes: number): string => JSON.stringify(tx()).padEnd(bytes, ' ')
const members = (count: number): string =>
  `{${Array.from({ length: count }, (_, i) => `"k${i}":"${CANARY}"`).join(',')}}`
/** Many texts that are each short enough. */
const wide = (bytes: number): string => {
  const text = txText(`"x":[${Array.from({ length: 4 }, () => `"${'x'.repeat(60_000)}"`).join(',')}],"y":""`)
  return `${text.slice(0, -2)}${'y'.repeat(bytes - text.length)}"}`
}

/** A name as long as the rest of the bytes. */
const named = (bytes: number): string => {
  const text = txText('"":1')
  return `${text.slice(0, -4)}${'n'.repeat(bytes - text.length)}":1}`
}
const mixed = (depth: number): string =>
  Array.from({ length: depth }, (_, i) => (i % 2 === 0 ? '[' : '{"a":')).join('') +
  '1' +
  Array.from({ length: depth }, (_, i) => ((depth - 1 - i) % 2 === 0 ? ']' : '}')).join('')
const escaped = (name: string): string => [...name].map((each) => `\\u00${each.charCodeAt(0).toString(16)}`).join('')

/** Nesting, sizes and names. */
export const structure: readonly HostileCase[] = [
  both('100,000 nested arrays', { value: nested('[', ']', 100_000, `"${CANARY}"`) }, 'TOO_DEEP'),
  both('40,000 nested objects', { value: nested('{"a":', '}', 40_000, '1') }, 'TOO_DEEP'),
  both('100,000 nested arrays in a field', { value: txWith('merchant', nested('[', ']', 100_000)) }, 'TOO_DEEP'),
  both('250,000 brackets that nobody closes', { value: '['.repeat(250_000) }, 'NOT_JSON'),
  both('250,000 braces that nobody closes', { value: '{"":'.repeat(62_500) }, 'NOT_JSON'),
  both('as deep as allowed', { value: txText(`"x":${nested('[', ']', depthMax - 1)}`) }, 'counted'),
  both('one level too deep', { value: txText(`"x":${nested('[', ']', depthMax)}`) }, 'TOO_DEEP'),
  both('one level too deep, in objects', { value: txText(`"x":${nested('{"a":', '}', depthMax, '1')}`) }, 'TOO_DEEP'),
  both(
    'one level too deep, behind much that is not',
    {
      value: txText(`"x":[${'[],'.repeat(5_000)}${nested('[', ']', depthMax)}]`),
    },
    'TOO_DEEP',
  ),

  both('as many bytes as allowed', { value: padded(valueBytesMax) }, 'counted'),
  both('one byte too many', { value: padded(valueBytesMax + 1) }, 'TOO_LARGE'),
  both('two bytes too many', { value: padded(valueBytesMax + 2) }, 'TOO_LARGE'),
  both('as many bytes as allowed, all of them content', { value: wide(valueBytesMax) }, 'counted'),
  both('one byte of content too many', { value: wide(valueBytesMax + 1) }, 'TOO_LARGE'),
  both('five megabytes of zeros', { value: new Uint8Array(5_000_000) }, 'TOO_LARGE'),
  both(
    'as long a text as allowed',
    { value: JSON.stringify(tx({ merchant: 'm'.repeat(stringLengthMax) })) },
    'counted',
  ),
  both(
    'a text one too long',
    { value: JSON.stringify(tx({ merchant: 'm'.repeat(stringLengthMax + 1) })) },
    'TOO_LARGE',
  ),
  both(
    'a text one too long where nobody looks',
    { value: txText(`"x":[{"y":"${'m'.repeat(stringLengthMax + 1)}"}]`) },
    'TOO_LARGE',
  ),
  both('as long an array as allowed', { value: txText(`"x":[${'0,'.repeat(arrayLengthMax - 1)}0]`) }, 'counted'),
  both('an array one too long', { value: txText(`"x":[${'0,'.repeat(arrayLengthMax)}0]`) }, 'TOO_LARGE'),
  both('as many fields as allowed', { value: txText(`"x":${members(objectKeysMax)}`) }, 'counted'),
  both('one field too many', { value: txText(`"x":${members(objectKeysMax + 1)}`) }, 'TOO_LARGE'),
  both('a field with a very long name', { value: txText(`"${'n'.repeat(200_000)}":1`) }, 'counted'),

  ...['__proto__', 'constructor', 'prototype'].flatMap((name) => [
    both(`${name} at the root`, { value: txText(`"${name}":{"amount":1,"x":"${CANARY}"}`) }, 'HOSTILE_KEY'),
    both(`${name} with a plain value`, { value: txText(`"${name}":null`) }, 'HOSTILE_KEY'),
    both(`${name} at depth 3`, { value: txText(`"a":{"b":{"${name}":{}}}`) }, 'HOSTILE_KEY'),
    both(`${name} in an array`, { value: txText(`"a":[1,[{"${name}":[]}]]`) }, 'HOSTILE_KEY'),
    both(
      `${name} as deep as allowed`,
      { value: txText(`"a":${nested('[', ']', depthMax - 2, `{"${name}":1}`)}`) },
      'HOSTILE_KEY',
    ),
    both(`${name} at the root of no transaction`, { value: `{"${name}":{"cardId":"${CANARY}"}}` }, 'HOSTILE_KEY'),
    both(`${name} as a value`, { value: JSON.stringify(tx({ merchant: name, id: name })) }, 'counted'),
  ]),
  both('__proto__ written with an escape', { value: txText('"__pr\\u006fto__":{}') }, 'HOSTILE_KEY'),
  both('__proto__ twice', { value: txText('"__proto__":1,"__proto__":{}') }, 'HOSTILE_KEY'),
  both(
    'too deep and a hostile name: the depth counts',
    { value: txText(`"__proto__":1,"x":${nested('[', ']', depthMax)}`) },
    'TOO_DEEP',
  ),
  both(
    'names that objects have, and that harm nobody',
    {
      value: txText(
        '"hasOwnProperty":1,"toString":null,"valueOf":{},"then":1,"toJSON":2,"__defineGetter__":3,"length":-1,"":0',
      ),
    },
    'counted',
  ),
  both(
    'names that are nearly hostile',
    { value: txText('"__proto":1,"Constructor":2,"prototype ":3,"_proto_":4') },
    'counted',
  ),

  // At each limit: one below, at it, one above; at the root and inside.
  ...[-1, 0, 1].flatMap((over) => {
    const limit = (what: string, value: string, reason: Outcome) =>
      both(`${what}: ${over} over the limit`, { value }, over > 0 ? reason : 'counted')
    const text = `"${'t'.repeat(stringLengthMax + over)}"`
    const list = `[${'0,'.repeat(arrayLengthMax + over - 1)}0]`
    return [
      limit(
        'bytes, as white space before the value',
        padded(valueBytesMax + over)
          .trimEnd()
          .padStart(valueBytesMax + over),
        'TOO_LARGE',
      ),
      limit('bytes, in a name', named(valueBytesMax + over), 'TOO_LARGE'),
      limit('arrays in arrays', txText(`"x":${nested('[', ']', depthMax - 1 + over)}`), 'TOO_DEEP'),
      limit('objects in objects', txText(`"x":${nested('{"a":', '}', depthMax - 1 + over, '1')}`), 'TOO_DEEP'),
      limit('arrays and objects in turns', txText(`"x":${mixed(depthMax - 1 + over)}`), 'TOO_DEEP'),
      limit('characters of a declared text', txWith('merchant', text), 'TOO_LARGE'),
      limit('characters of a text in an array', txText(`"x":[1,${text}]`), 'TOO_LARGE'),
      limit(
        'characters of a text as deep as allowed',
        txText(`"x":${nested('[', ']', depthMax - 2, text)}`),
        'TOO_LARGE',
      ),
      limit('items of an array', txText(`"x":${list}`), 'TOO_LARGE'),
      limit('items of an array in an array', txText(`"x":[[],${list}]`), 'TOO_LARGE'),
      limit('names of an object in an array', txText(`"x":[${members(objectKeysMax + over)}]`), 'TOO_LARGE'),
      // Beside the six of the transaction itself.
      limit('names of the transaction', txText(members(objectKeysMax - 6 + over).slice(1, -1)), 'TOO_LARGE'),
    ]
  }),

  // Much out of little.
  both('85,000 empty objects', { value: txText(`"x":[${'{},'.repeat(85_000)}{}]`) }, 'TOO_LARGE'),
  both('20,000 names', { value: txText(members(20_000).replaceAll(`"${CANARY}"`, '0').slice(1, -1)) }, 'TOO_LARGE'),
  both('one name 20,000 times: it is one', { value: txText(`${'"x":0,'.repeat(20_000)}"x":1`) }, 'counted'),
  both('40,000 escapes in a text', { value: txText(`"x":"${'\\u0000'.repeat(40_000)}"`) }, 'counted'),
  both('125,000 backslashes in a text', { value: txText(`"x":"${'\\\\'.repeat(60_000)}"`) }, 'counted'),
  both('a quote that nobody closes', { value: `{"id":"${'x'.repeat(200_000)}` }, 'NOT_JSON'),
  both('100,000 commas', { value: `[${','.repeat(100_000)}]` }, 'NOT_JSON'),
  both('100,000 minus signs', { value: '-'.repeat(100_000) }, 'NOT_JSON'),
  both('200,000 closing brackets', { value: ']'.repeat(200_000) }, 'NOT_JSON'),
  both(
    'three limits at once: depth is named',
    { value: txText(`"x":[${nested('[', ']', depthMax)},1e999,"${'t'.repeat(70_000)}"]`) },
    'TOO_DEEP',
  ),
  both('a hostile name behind an unsafe number', { value: txText('"x":1e999,"__proto__":1') }, 'HOSTILE_KEY'),
  both(
    'an unsafe number before a text too long',
    { value: txText(`"x":"${'t'.repeat(70_000)}","y":1e999`) },
    'NUMBER_UNSAFE',
  ),

  // Every hostile name, with every kind of value, in every place.
  ...['__proto__', 'constructor', 'prototype'].flatMap((name) => [
    ...['1', '-0', '""', '"x"', 'true', '[]', '{}', `{"${name}":{}}`].map((value) =>
      both(`${name} with ${value} for its value`, { value: txText(`"x":{"${name}":${value}}`) }, 'HOSTILE_KEY'),
    ),
    both(
      `${name} before all others`,
      { value: `{"${name}":{"polluted":true},${JSON.stringify(tx()).slice(1)}` },
      'HOSTILE_KEY',
    ),
    both(`${name} in place of a transaction`, { value: `{"${name}":${JSON.stringify(tx())}}` }, 'HOSTILE_KEY'),
    both(`${name} all escaped`, { value: txText(`"${escaped(name)}":1`) }, 'HOSTILE_KEY'),
    both(`${name} in an array of objects`, { value: txText(`"x":[{},{"a":1},{"${name}":1}]`) }, 'HOSTILE_KEY'),
    both(`${name} in place of a declared text`, { value: txWith('merchant', `{"${name}":"x"}`) }, 'HOSTILE_KEY'),
    both(`${name} with a space before it`, { value: txText(`" ${name}":1`) }, 'counted'),
    both(`${name} with a NUL behind it`, { value: txText(`"${name}\\u0000":1`) }, 'counted'),
  ]),
  ...[
    'get',
    'set',
    '__lookupGetter__',
    '__defineSetter__',
    'isPrototypeOf',
    'propertyIsEnumerable',
    'toLocaleString',
    '$ref',
    '$where',
    '~standard',
    'parse',
  ].map((name) => both(`a field called ${name}`, { value: txText(`"${name}":{"${name}":1}`) }, 'counted')),
]
