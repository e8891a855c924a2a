/** Names a cell within its key: the operator that owns it, then what orders its cells (window start, offset, name). */
export type CellName = readonly [operator: string, ...order: (number | string)[]]

/**
 * A cell's name as text. Comparing two texts by code unit gives the order of the names: part by part, numbers before
 * strings, numbers by value, strings by code unit, a name before its extensions.
 * Numbers must be whole and within ±(2^53 - 1).
 */
export function encodeCellName(name: CellName): string {
  let text = encodeText(name[0])
  for (let i = 1; i < name.length; i++) {
    const part = name[i]!
    text += typeof part === 'number' ? `\u0001${encodeNumber(part)}` : `\u0002${encodeText(part)}`
  }
  return text
}

/** The name that {@link encodeCellName} made `text` of. */
export function decodeCellName(text: string): CellName {
  const marks = text.match(/[\u0001\u0002]/g) ?? []
  const [operator, ...order] = text.split(/[\u0001\u0002]/)
  return [
    decodeText(operator!),
    ...order.map((part, i) => (marks[i] === '\u0001' ? decodeNumber(part) : decodeText(part))),
  ]
}

// Digits of 12 bits are two characters each: times take four of them, and names stay so short that putting one together
// copies it at once, instead of keeping the pieces.
const characters = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz'
const digits = Array.from({ length: 4_096 }, (_, n) => characters[n >> 6]! + characters[n & 63]!)
const bitsOf = new Uint8Array(128)
for (let i = 0; i < characters.length; i++) bitsOf[characters.charCodeAt(i)] = i
const DIGIT = 2 ** 12
const TWO_DIGITS = 2 ** 24

/** A whole number as text that sorts like the number: a letter for sign and length, then digits of 64. */
export function encodeNumber(n: number): string {
  return n >= 0 ? encodeDigits(n, 0, 'bcdef') : encodeDigits(-n - 1, DIGIT - 1, 'YXWVU')
}

/** `flip`: what turns the digits of a negative number round, so that they sort the other way. */
function encodeDigits(n: number, flip: number, letters: string): string {
  const low = n % TWO_DIGITS
  const third = digits[(low >> 12) ^ flip]!
  const fourth = digits[(low & (DIGIT - 1)) ^ flip]!
  if (n < DIGIT) return letters[0]! + fourth
  if (n < TWO_DIGITS) return letters[1]! + third + fourth
  const high = (n - low) / TWO_DIGITS
  const second = digits[(high & (DIGIT - 1)) ^ flip]!
  if (high < DIGIT) return letters[2]! + second + third + fourth
  const first = digits[((high >> 12) & (DIGIT - 1)) ^ flip]!
  if (high < TWO_DIGITS) return letters[3]! + first + second + third + fourth
  return letters[4]! + digits[(high >> 24) ^ flip]! + first + second + third + fourth
}

/** The number that {@link encodeNumber} made of the characters of `text` from `at` on, up to but not including `end`. */
export function decodeNumber(text: string, at = 0, end = text.length): number {
  const negative = text.charCodeAt(at) <= 90
  const flip = negative ? 63 : 0
  let n = 0
  for (let i = at + 1; i < end; i++) n = n * 64 + (bitsOf[text.charCodeAt(i)]! ^ flip)
  return negative ? -n - 1 : n
}

/** Where the number that begins at `at` ends: its letter says how many digits follow. */
export function endOfNumber(text: string, at: number): number {
  const letter = text.charCodeAt(at)
  return at + 1 + 2 * (letter > 90 ? letter - 97 : 90 - letter)
}

// U+0000 to U+0003 mean something above; U+0003 marks them, shifted, so that order and uniqueness hold.
const reserved = /[\u0000-\u0003]/g
const encodeText = (text: string): string =>
  /[\u0000-\u0003]/.test(text)
    ? text.replace(reserved, (c) => `\u0003${String.fromCharCode(c.charCodeAt(0) + 48)}`)
    : text
const decodeText = (text: string): string =>
  text.replace(/\u0003([0-3])/g, (_, c: string) => String.fromCharCode(c.charCodeAt(0) - 48))
