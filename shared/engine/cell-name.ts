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

/** A whole number as text that sorts like the number: a letter for sign and length, then the digits. */
export function encodeNumber(n: number): string {
  if (n >= 0) {
    const digits = String(n)
    return String.fromCharCode(97 + digits.length) + digits
  }
  const digits = String(-n)
  let complement = ''
  for (let i = 0; i < digits.length; i++) complement += String.fromCharCode(105 - digits.charCodeAt(i))
  return String.fromCharCode(90 - digits.length) + complement
}

/** The number that {@link encodeNumber} made `text` of. */
export function decodeNumber(text: string): number {
  if (text.charCodeAt(0) > 90) return Number(text.slice(1))
  let digits = ''
  for (let i = 1; i < text.length; i++) digits += String.fromCharCode(105 - text.charCodeAt(i))
  return -Number(digits)
}

// U+0000 to U+0003 mean something above; U+0003 marks them, shifted, so that order and uniqueness hold.
const reserved = /[\u0000-\u0003]/g
const encodeText = (text: string): string =>
  /[\u0000-\u0003]/.test(text)
    ? text.replace(reserved, (c) => `\u0003${String.fromCharCode(c.charCodeAt(0) + 48)}`)
    : text
const decodeText = (text: string): string =>
  text.replace(/\u0003([0-3])/g, (_, c: string) => String.fromCharCode(c.charCodeAt(0) - 48))
