import { MillraceError } from '../errors.ts'
import type { Key } from './key.ts'
import { keyAddress, keyText } from './key.ts'
import type { WindowBounds } from './machine.ts'

/** Where results, late records or time-outs of a stage go. The runtime knows what `to` (the index in the stage's list) stands for. */
export interface OutputSpec {
  readonly what: 'result' | 'late' | 'timedOut'
  readonly target: 'topic' | 'table'
  readonly where: ((value: unknown) => boolean) | undefined
  readonly map: ((value: unknown) => unknown) | undefined
  /** The target topic's own key; without it the key at hand is used, and always for a delete of a machine's own (null). */
  readonly keyOf: ((value: unknown) => Key) | undefined
  /** Keys go out as addresses, which tell `"1"` from `1`: to the topic between two stages. */
  readonly addressed?: boolean
}

/** One output of one event, final bytes but for its identity and partition. `to` -1: the parked topic. */
export interface Output {
  readonly to: number
  readonly key: string | null
  readonly value: string | null
  readonly timeMs: number
  /** Sort key of a table row; '' for topics. */
  readonly sort: string
}

export const PARKED = -1

/** Largest key and value of an output, and all outputs of one record of a stage without state, in bytes of UTF-8. */
export const outputLimits = { keyBytesMax: 1_024, valueBytesMax: 256 * 1024, statelessBytesMax: 1024 * 1024 }

/**
 * Turns one result into its outputs. With `retracts`: into the deletes of what was put out like it, whatever `where` says
 * of it today.
 * @throws MillraceError `OUTPUT_TOO_LARGE` and whatever the declaration's own functions throw
 */
export function routeOutput(
  specs: readonly OutputSpec[],
  what: OutputSpec['what'],
  key: string | null,
  value: unknown,
  timeMs: number,
  window: WindowBounds | undefined,
  take: (output: Output) => void,
  retracts = false,
): void {
  let plain: string | undefined
  for (let to = 0; to < specs.length; to++) {
    const spec = specs[to]!
    if (spec.what !== what) continue
    if (value === null) {
      take({ to, key, value: null, timeMs, sort: sortKey(spec, window) })
      continue
    }
    if (retracts) {
      take({ to, key: deletedKey(spec, key, value), value: null, timeMs, sort: sortKey(spec, window) })
      continue
    }
    if (spec.where !== undefined && !spec.where(value)) continue
    const mapped = spec.map === undefined ? value : spec.map(value)
    const text = mapped === value && plain !== undefined ? plain : JSON.stringify(mapped)
    if (mapped === value) plain = text
    const outKey = spec.keyOf === undefined ? key : (spec.addressed ? keyAddress : keyText)(spec.keyOf(mapped))
    checkSize(outKey, text)
    take({ to, key: outKey, value: text, timeMs, sort: sortKey(spec, window) })
  }
}

function deletedKey({ keyOf, map }: OutputSpec, key: string | null, like: unknown): string | null {
  if (keyOf === undefined) return key
  const text = keyText(keyOf(map === undefined ? like : map(like)))
  check(text, outputLimits.keyBytesMax)
  return text
}

function sortKey(spec: OutputSpec, window: WindowBounds | undefined): string {
  if (spec.target === 'topic') return ''
  return window === undefined
    ? '-'
    : `${String(window.start).padStart(16, '0')}/${String(window.end).padStart(16, '0')}`
}

function checkSize(key: string | null, text: string): void {
  if (text === undefined)
    throw new MillraceError('CODE_FAILED', { error: 'an output that is not JSON', what: 'record' })
  check(text, outputLimits.valueBytesMax)
  if (key !== null) check(key, outputLimits.keyBytesMax)
}

function check(text: string, max: number): void {
  // A UTF-16 unit is at most 3 bytes of UTF-8: only long texts need to be measured.
  if (text.length * 3 <= max) return
  const bytes = utf8Bytes(text)
  if (bytes > max) throw new MillraceError('OUTPUT_TOO_LARGE', { bytes, max })
}

/** Bytes of `text` in UTF-8. */
export function utf8Bytes(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0x7f) bytes += unit > 0x7ff ? (unit >= 0xd800 && unit <= 0xdfff ? 1 : 2) : 1
  }
  return bytes
}
