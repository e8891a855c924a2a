/** A length of time in milliseconds. Made by {@link ms}, {@link seconds}, {@link minutes}, {@link hours}, {@link days}. */
export type DurationMs = number & { readonly __unit?: 'ms' }

/** `n` milliseconds. */
export const ms = (n: number): DurationMs => n
/** `n` seconds. */
export const seconds = (n: number): DurationMs => n * 1_000
/** `n` minutes. */
export const minutes = (n: number): DurationMs => n * 60_000
/** `n` hours. */
export const hours = (n: number): DurationMs => n * 3_600_000
/** `n` days of 24 hours. */
export const days = (n: number): DurationMs => n * 86_400_000

/** Event time before any record: nothing is late, no timer is due. */
export const BEFORE_ALL_TIME = -1

/** The last event time there is (ECMAScript's maximum date): `--close-windows` moves stream time here. */
export const END_OF_TIME_MS = 8_640_000_000_000_000

/** True for a length of time that can be used: finite, whole milliseconds, at least `minMs`. */
export function isDuration(value: unknown, minMs = 0): value is DurationMs {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= minMs
}
