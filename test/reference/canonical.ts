const DECIMALS = 6
const TOLERANCE = 1e-9

/** JSON text of a value with its keys sorted and its numbers rounded to 6 decimals. */
export function canonical(value: unknown): string {
  return JSON.stringify(normal(value))
}

function normal(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toFixed(DECIMALS))
  if (Array.isArray(value)) return value.map(normal)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, child]) => [key, normal(child)]))
}

/**
 * Whether two values are the same but for fractions within a relative 1e-9. Whole numbers must be equal:
 * the tolerance is for sums and means, and would hide more than a second in an epoch time.
 */
export function isClose(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return isCloseNumber(a, b)
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return a === b
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && isClose(a[key], b[key]))
}

function isCloseNumber(a: number, b: number): boolean {
  if (a === b) return true
  if (Number.isInteger(a) && Number.isInteger(b)) return false
  return Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
