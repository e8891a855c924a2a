import { Buffer, isUtf8 } from 'node:buffer'
import { type ErrorCode, MillraceError } from '../errors.ts'

/**
 * The text that the bytes behind `base64` are in UTF-8.
 * @throws MillraceError `TOO_LARGE` above `bytesMax` bytes, `code` for bytes that are not UTF-8
 */
export function base64Text(base64: string, bytesMax: number, what: 'key' | 'value', code: ErrorCode): string {
  // Four characters are three bytes: most sizes are settled before anything is decoded.
  if (base64.length > (bytesMax / 3) * 4 - 4) checkSize(base64, bytesMax, what)
  const binary = binaryText(base64)
  if (binary !== undefined && !/[\x80-\xff]/.test(binary)) return binary
  const bytes = binary === undefined ? Buffer.from(base64, 'base64') : Buffer.from(binary, 'latin1')
  if (!isUtf8(bytes)) throw new MillraceError(code)
  return bytes.toString('utf8')
}

/** True only if `base64` stands for `text`, an ASCII text; false also when that is not settled cheaply. */
export function isBase64Of(base64: string, text: string): boolean {
  if (base64.length !== Math.ceil(text.length / 3) * 4) return false
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return btoa(text) === base64
}

/** `atob` is the fastest way to a string of one byte a character: for ASCII, the text itself. */
function binaryText(base64: string): string | undefined {
  try {
    return atob(base64)
  } catch {
    return undefined
  }
}

function checkSize(base64: string, bytesMax: number, what: string): void {
  const bytes = Buffer.byteLength(base64, 'base64')
  if (bytes > bytesMax) throw new MillraceError('TOO_LARGE', { what, bytes, max: bytesMax })
}
