import * as fc from 'fast-check'
import type { Key } from '../../shared/engine/key.ts'

export const anyNumber = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -1_000, max: 1_000 })).map((n) => n + 0)
/** Texts of few letters, the encoding's own among them, so that beginnings are shared. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'\u0000\u0001\u0002\u0003\u000403aAb\ud800') }),
)

export const anyKey = fc.letrec<{ key: Key }>((tie) => ({
  key: fc.oneof(
    { maxDepth: 3 },
    anyText,
    anyNumber,
    fc.boolean(),
    fc.array(tie('key'), { maxLength: 3 }),
    fc.dictionary(anyText, tie('key'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).key

export const compareTexts = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1)
