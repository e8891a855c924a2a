// Control characters, characters that turn or hide others, line separators of Unicode, halves of characters.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu
const UNSAFE_BUT_LINES = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu

const escaped = (character: string): string => `\\u{${character.codePointAt(0)!.toString(16)}}`

/** Text that others wrote, in one line, so that a terminal shows it and does nothing else. */
export const printable = (text: string): string => text.replace(UNSAFE, escaped)

/** The same, but lines stay lines. */
export const printableLines = (text: string): string => text.replace(UNSAFE_BUT_LINES, escaped)

/** JSON that means the same and is safe on a terminal. */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(UNSAFE_BUT_LINES, (character) =>
    [...Array(character.length).keys()]
      .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
      .join(''),
  )

const BYTES_PER_LINE = 16

/** Bytes as `offset  hex  |text|`, 16 a line, ASCII only. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += BYTES_PER_LINE) {
    const some = [...bytes.subarray(at, at + BYTES_PER_LINE)]
    const hex = some.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const text = some.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(BYTES_PER_LINE * 3 - 1)}  |${text}|`)
  }
  return lines.join('\n')
}
