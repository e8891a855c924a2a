import { MillraceError } from '../../errors.ts'
import { type Key, keyAddress } from '../key.ts'

/** Characters of an id's text at the most: what keeps sets of ids within their bounds. */
export const ID_CHARS_MAX = 256

/**
 * An id as text that tells every id from every other, `'1'` from `1`; `keyOfAddress` gives the id back.
 * @throws MillraceError `CODE_FAILED` (the record is parked) for what is no text, finite number, boolean, or list or object
 *   of these, and for what is longer than 256 characters
 */
export function idText(id: unknown): string {
  if (!isId(id))
    throw new MillraceError('CODE_FAILED', { error: 'an id that is no text, number or list', what: 'record' })
  const text = keyAddress(id)
  if (text.length > ID_CHARS_MAX)
    throw new MillraceError('CODE_FAILED', { error: `an id of more than ${ID_CHARS_MAX} characters`, what: 'record' })
  return text
}

function isId(id: unknown): id is Key {
  if (typeof id === 'string' || typeof id === 'boolean') return true
  if (typeof id === 'number') return Number.isFinite(id)
  return typeof id === 'object' && id !== null && Object.values(id).every(isId)
}
