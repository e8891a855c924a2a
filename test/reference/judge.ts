import { isUtf8 } from 'node:buffer'

const DEEPEST_LEVEL = 32
const HOSTILE_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

/** Why a record is parked, in the order the reasons are looked for. */
export const PARKED_REASONS = [
  'NOT_UTF8',
  'NOT_JSON',
  'TOO_DEEP',
  'HOSTILE_KEY',
  'NUMBER_UNSAFE',
  'SCHEMA',
  'TIME_INVALID',
  'TIME_FUTURE',
] as const

/** One of {@link PARKED_REASONS}. */
export type ParkedReason = (typeof PARKED_REASONS)[number]

/** A valid record; `at` is its event time in epoch milliseconds. */
export interface Transaction {
  readonly id: string
  readonly cardId: string
  readonly amount: number
  readonly merchant: string
  readonly country: string
  readonly at: number
}

/**
 * The key that a producer gives the line: the card, when the line is JSON with the topic's fields, else none.
 * Such a line may be parked all the same, for its time or for a hostile name.
 */
export function keyOfLine(line: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(line)
    const value: unknown = JSON.parse(text)
    const fields = checkFields(value, Number.POSITIVE_INFINITY)
    if (fields === 'SCHEMA') return undefined
    const { cardId, amount, at } = value as Transaction
    return Number.isFinite(amount) && Number.isFinite(at) ? cardId : undefined
  } catch {
    return undefined
  }
}

/** The transaction in a line, or why it is parked. `latestAt` (epoch ms) is the last `at` allowed. */
export function judge(line: Uint8Array, latestAt: number): Transaction | ParkedReason {
  if (!isUtf8(line)) return 'NOT_UTF8'
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.length).toString('utf8'))
  } catch {
    return 'NOT_JSON'
  }
  return flaw(value) ?? checkFields(value, latestAt)
}

/** The first of TOO_DEEP, HOSTILE_KEY and NUMBER_UNSAFE that holds anywhere in the value. */
export function flaw(root: unknown): ParkedReason | undefined {
  let hostile = false
  let unsafe = false
  let level: unknown[] = [root]
  // Level by level and not by recursion, so that no depth overflows the call stack.
  for (let depth = 1; level.length > 0; depth++) {
    const next: unknown[] = []
    for (const value of level) {
      if (typeof value === 'number') unsafe ||= !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)
      if (typeof value !== 'object' || value === null) continue
      if (depth > DEEPEST_LEVEL) return 'TOO_DEEP'
      for (const [key, child] of Object.entries(value)) {
        hostile ||= HOSTILE_KEYS.has(key)
        next.push(child)
      }
    }
    level = next
  }
  if (hostile) return 'HOSTILE_KEY'
  return unsafe ? 'NUMBER_UNSAFE' : undefined
}

function checkFields(value: unknown, latestAt: number): Transaction | ParkedReason {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'SCHEMA'
  const { id, cardId, amount, merchant, country, at } = value as Record<string, unknown>
  if (typeof id !== 'string' || typeof cardId !== 'string') return 'SCHEMA'
  if (typeof merchant !== 'string' || typeof country !== 'string') return 'SCHEMA'
  if (typeof amount !== 'number' || typeof at !== 'number') return 'SCHEMA'
  if (at < 0 || !Number.isInteger(at)) return 'TIME_INVALID'
  if (at > latestAt) return 'TIME_FUTURE'
  return { id, cardId, amount, merchant, country, at }
}
