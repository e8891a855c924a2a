import { MillraceError } from '../errors.ts'

/** @throws MillraceError `NAME_INVALID` unless `name` is 1 to `max` characters of a-z, A-Z, 0-9, "-" and "_". */
export function checkName(what: string, name: unknown, max: number): void {
  if (typeof name !== 'string' || name.length > max || !/^[a-zA-Z0-9][a-zA-Z0-9_-]*$/.test(name))
    throw new MillraceError('NAME_INVALID', { what, name, max })
}

/** @throws MillraceError `OPTION_UNKNOWN` for an option that is not in `known`; a typo must not become a silent default. */
export function checkOptions(where: string, options: object | undefined, known: readonly string[]): void {
  for (const option of Object.keys(options ?? {}))
    if (!known.includes(option))
      throw new MillraceError('OPTION_UNKNOWN', { where, option, known: known.join(', ') || 'none' })
}

/**
 * Kafka's rule for names of topics; those of topics that Millrace makes for itself are kept for it.
 * @throws MillraceError `NAME_INVALID`, `NAME_RESERVED`
 */
export function checkTopicName(name: unknown): void {
  if (typeof name !== 'string' || !/^[a-zA-Z0-9._-]{1,249}$/.test(name) || name === '.' || name === '..')
    throw new MillraceError('NAME_INVALID', { what: 'topic', name, max: 249, also: ', "."' })
  if (name.startsWith('millrace.') || name === 'millrace-parked') throw new MillraceError('NAME_RESERVED', { name })
}

/** @throws MillraceError `OPTION_INVALID` for a version of a rule that is none */
export function checkVersion(where: string, version: unknown): void {
  if (!Number.isSafeInteger(version) || (version as number) < 1)
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'version',
      given: version,
      must: 'a whole number from 1 on',
    })
}

/** @throws MillraceError `OPTION_INVALID` for what is no function */
export function checkFunction(where: string, option: string, given: unknown): void {
  if (typeof given !== 'function')
    throw new MillraceError('OPTION_INVALID', { where, option, given: typeof given, must: 'a function' })
}
