import { describe, expect, it } from 'vitest'
import type { Pattern } from '../../../shared/engine/patterns/pattern.ts'
import { find, type Named } from './examples.ts'

type AnyPattern = Pattern<Named, unknown, string>

/** One rule of the language, and what follows from it. */
export interface Row {
  readonly rule: string
  readonly pattern: { readonly spec: AnyPattern['spec'] }
  readonly events: string
  readonly matches: readonly string[]
  readonly untilMs?: number
}

/** Holds every row, with state that is kept and with state that is reloaded after every event. */
export function describeRows(tables: Readonly<Record<string, readonly Row[]>>): void {
  describe.each(Object.entries(tables))('%s', (_, rows) => {
    it.each(rows)('$rule', ({ pattern, events, matches, untilMs }) => {
      const options = untilMs === undefined ? {} : { untilMs }
      expect(find(pattern as AnyPattern, events, options)).toEqual(matches)
    })

    it.each(rows)('$rule, with a reload after every event', ({ pattern, events, matches, untilMs }) => {
      const options = untilMs === undefined ? {} : { untilMs }
      expect(find(pattern as AnyPattern, events, { ...options, reload: true })).toEqual(matches)
    })
  })
}
