import { MillraceError } from '../../errors.ts'

/** Digits before and behind the point of what may be added. */
export const decimalLimits = { wholeDigits: 30, fractionDigits: 20 }

const plain = new RegExp(`^-?\\d{1,${decimalLimits.wholeDigits}}(?:\\.(\\d{1,${decimalLimits.fractionDigits}}))?$`)

/**
 * `given` as decimal text. Of a number it is the shortest text that reads back as that number, as JSON writes it: 0.1 is
 * a tenth.
 * @throws MillraceError `CODE_FAILED` unless it is decimal text or a finite number that is written without an exponent,
 *   of at most 30 digits before the point and 20 behind it
 */
export function decimalText(given: unknown): string {
  const text = typeof given === 'number' ? String(given) : given
  if (typeof text !== 'string' || !plain.test(text))
    throw new MillraceError('CODE_FAILED', { error: 'a value that is no plain decimal number', what: 'record' })
  return text
}

/** The exact sum of two decimal texts, with as many digits behind the point as the longer of them. */
export function addDecimals(a: string, b: string): string {
  const scale = Math.max(scaleOf(a), scaleOf(b))
  return textOf(unitsOf(a, scale) + unitsOf(b, scale), scale)
}

function scaleOf(text: string): number {
  const point = text.indexOf('.')
  return point < 0 ? 0 : text.length - point - 1
}

/** How many units of 10^-scale. */
function unitsOf(text: string, scale: number): bigint {
  return BigInt(text.replace('.', '') + '0'.repeat(scale - scaleOf(text)))
}

function textOf(units: bigint, scale: number): string {
  if (scale === 0) return String(units)
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  return `${units < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}
