import { recordLimits } from '../../../shared/runtime/flaws.ts'
import { both, CANARY, type HostileCase, tx, txText, txWith } from '../case.ts'

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
]
