import type { ErrorCode, Facts } from '../errors.ts'

/** Bounds of one record; a record beyond them is parked. Bytes are of the raw value or key. */
export const recordLimits = {
  valueBytesMax: 256 * 1024,
  keyBytesMax: 1_024,
  depthMax: 32,
  stringLengthMax: 64 * 1024,
  arrayLengthMax: 10_000,
  objectKeysMax: 1_000,
}

export interface Flaw {
  readonly code: ErrorCode
  readonly facts: Facts
}

const NO_FACTS: Facts = {}
const TOO_DEEP: Flaw = { code: 'TOO_DEEP', facts: { max: recordLimits.depthMax } }
const HOSTILE_KEY: Flaw = { code: 'HOSTILE_KEY', facts: NO_FACTS }
const NUMBER_UNSAFE: Flaw = { code: 'NUMBER_UNSAFE', facts: NO_FACTS }
const order = [TOO_DEEP, HOSTILE_KEY, NUMBER_UNSAFE]

/**
 * What makes a parsed value unfit, whatever its schema says: too deep, then a hostile name, then a number that JSON text
 * and JavaScript do not agree on, then something too long. undefined for a sound value.
 */
export function flawOf(value: unknown): Flaw | undefined {
  return worst(value, 1)
}

function worst(value: unknown, depth: number): Flaw | undefined {
  if (typeof value === 'number') return isSafe(value) ? undefined : NUMBER_UNSAFE
  if (typeof value === 'string')
    return value.length > recordLimits.stringLengthMax
      ? tooLong('text', value.length, recordLimits.stringLengthMax)
      : undefined
  if (typeof value !== 'object' || value === null) return undefined
  if (depth > recordLimits.depthMax) return TOO_DEEP
  return Array.isArray(value) ? worstItem(value, depth) : worstField(value, depth)
}

function worstItem(items: readonly unknown[], depth: number): Flaw | undefined {
  let found: Flaw | undefined
  for (const item of items) found = worse(found, worst(item, depth + 1))
  return worse(
    found,
    items.length > recordLimits.arrayLengthMax
      ? tooLong('array', items.length, recordLimits.arrayLengthMax)
      : undefined,
  )
}

function worstField(object: object, depth: number): Flaw | undefined {
  let found: Flaw | undefined
  let keys = 0
  for (const key in object) {
    keys++
    const value = (object as Record<string, unknown>)[key]
    if (
      typeof value === 'number'
        ? !isSafe(value)
        : typeof value !== 'string' || value.length > recordLimits.stringLengthMax
    )
      found = worse(found, worst(value, depth + 1))
    if (isHostile(key)) found = worse(found, HOSTILE_KEY)
  }
  return keys > recordLimits.objectKeysMax ? worse(found, tooLong('object', keys, recordLimits.objectKeysMax)) : found
}

const isSafe = (n: number): boolean => n <= Number.MAX_SAFE_INTEGER && n >= -Number.MAX_SAFE_INTEGER
const isHostile = (key: string): boolean =>
  (key.length === 9 || key.length === 11) && (key === '__proto__' || key === 'prototype' || key === 'constructor')
const tooLong = (what: string, bytes: number, max: number): Flaw => ({ code: 'TOO_LARGE', facts: { what, bytes, max } })

function worse(a: Flaw | undefined, b: Flaw | undefined): Flaw | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const rank = (flaw: Flaw) => (order.includes(flaw) ? order.indexOf(flaw) : order.length)
  return rank(b) < rank(a) ? b : a
}
