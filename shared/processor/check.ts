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
