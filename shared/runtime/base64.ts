import { Buffer, isUtf8 } from 'node:buffer'
import { type ErrorCode, MillraceError } from '../errors.ts'

/** What is decoded goes through these bytes, one text at a time; what they cannot hold gets bytes of its own. */
const room = Buffer.allocUnsafeSlow(16 * 1024)
/** What a decoder puts in the place of bytes that are not UTF-8; it may also have been written. */
const REPLACED = '\ufffd'

/**
 * The text that the bytes behind `base64` are in UTF-8.
 * @throws MillraceError `TOO_LARGE` above `bytesMax` bytes, `code` for bytes that are not UTF-8
 */
export function base64Text(base64: string, bytesMax: number, what: 'key' | 'value', code: ErrorCode): string {
  // Four characters are three bytes: most sizes are settled before anything is decoded.
  if (base64.length > (bytesMax / 3) * 4 - 4) checkSize(base64, bytesMax, what)
  const fits = base64.length <= room.length
  const bytes = fits ? room : Buffer.from(base64, 'base64')
  const length = fits ? room.write(base64, 'base64') : bytes.length
  const text = bytes.toString('utf8', 0, length)
  // Decoding and looking for what was replaced costs less than asking first.
  if (text.includes(REPLACED) && !isUtf8(bytes.subarray(0, length))) throw new MillraceError(code)
  return text
}

/** The base64 characters, by what they stand for. */
const characters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', (c) =>
  c.charCodeAt(0),
)
const PADDING = '='.charCodeAt(0)

/** True only if `base64` stands for `text`, an ASCII text; false also when that is not settled cheaply. */
export function isBase64Of(base64: string, text: string): boolean {
  const { length } = text
  if (base64.length !== Math.ceil(length / 3) * 4) return false
  for (let i = 0, at = 0; i < length; i += 3, at += 4) {
    const first = text.charCodeAt(i)
    const second = i + 1 < length ? text.charCodeAt(i + 1) : 0
    const third = i + 2 < length ? text.charCodeAt(i + 2) : 0
    if ((first | second | third) > 0x7f) return false
    const bits = (first << 16) | (second << 8) | third
    if (base64.charCodeAt(at) !== characters[bits >> 18]) return false
    if (base64.charCodeAt(at + 1) !== characters[(bits >> 12) & 63]) return false
    if (base64.charCodeAt(at + 2) !== (i + 1 < length ? characters[(bits >> 6) & 63] : PADDING)) return false
    if (base64.charCodeAt(at + 3) !== (i + 2 < length ? characters[bits & 63] : PADDING)) return false
  }
  return true
}

function checkSize(base64: string, bytesMax: number, what: string): void {
  const bytes = Buffer.byteLength(base64, 'base64')
  if (bytes > bytesMax) throw new MillraceError('TOO_LARGE', { what, bytes, max: bytesMax })
}
