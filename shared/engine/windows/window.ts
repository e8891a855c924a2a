import { MillraceError } from '../../errors.ts'
import { type DurationMs, isDuration } from '../../time.ts'
import type { WindowBounds } from '../machine.ts'
import type { Overlap } from './overlap.ts'

/** When results may go out: 'final' once the window closes, 'updates' after changes. */
export type EmitMode = 'final' | 'updates'

/** What a machine needs to know of a window. */
export type WindowShape =
  /** A record belongs to one window, or to none (undefined). `graceMs` undefined: the window never closes. */
  | {
      readonly kind: 'single'
      readonly graceMs: number | undefined
      windowAt(timeMs: number): WindowBounds | undefined
    }
  | { readonly kind: 'overlapping'; readonly overlap: Overlap }
  | { readonly kind: 'session'; readonly gapMs: number; readonly graceMs: number }
  | { readonly kind: 'every-records'; readonly records: number; readonly withinMs: number | undefined }
  | { readonly kind: 'last-records'; readonly records: number; readonly every: number }
  | { readonly kind: 'global'; readonly afterRecords: number; readonly everyMs: number | undefined }

/** A window, ready for `.window(…)`. `Modes`: what its results may be emitted as. */
export interface Window<Modes extends EmitMode = EmitMode> {
  readonly shape: WindowShape
  /** The first is the default; none: the window says itself when results go out. */
  readonly modes: readonly Modes[]
  /** Part of the state's signature. */
  readonly signature: string
}

/** A window that still needs its grace: how long past a window's end late records are waited for. */
export interface WindowWithoutGrace {
  /** As it was written, for error messages. */
  readonly written: string
  /**
   * A window closes when stream time has passed its last moment by `duration`; what comes for it after that is late.
   * With windows whose end is exclusive that is when stream time reaches end plus `duration`; where both ends are
   * inclusive, one ms later.
   * @throws MillraceError `DURATION_INVALID`
   */
  grace(duration: DurationMs): Window
}

/** @throws MillraceError `DURATION_INVALID` unless `given` is whole ms, at least `min` */
export function checkDuration(where: string, option: string, given: unknown, min: number): void {
  if (!isDuration(given, min)) throw new MillraceError('DURATION_INVALID', { where, option, given, min })
}

/** @throws MillraceError `OPTION_INVALID` unless `given` is a whole number from `min` to `max` */
export function checkWhole(where: string, option: string, given: unknown, min: number, max: number): void {
  if (!Number.isSafeInteger(given) || (given as number) < min || (given as number) > max)
    throw new MillraceError('OPTION_INVALID', { where, option, given, must: `a whole number from ${min} to ${max}` })
}

/** @throws MillraceError `OPTION_UNKNOWN`, or `OPTION_INVALID` when it is no object */
export function checkOptionNames(where: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null)
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'options',
      given,
      must: `an object with ${known.join(', ')}`,
    })
  for (const option of Object.keys(given))
    if (!known.includes(option)) throw new MillraceError('OPTION_UNKNOWN', { where, option, known: known.join(', ') })
}

/** The value that `.grace()` completes. */
export function withGrace(written: string, shapeOf: (graceMs: number) => WindowShape): WindowWithoutGrace {
  return Object.freeze({
    written,
    grace(duration: DurationMs): Window {
      checkDuration(written, 'grace', duration, 0)
      return Object.freeze({
        shape: shapeOf(duration),
        modes: ['final', 'updates'] as const,
        signature: `${written}.grace(${duration})`,
      })
    },
  })
}
