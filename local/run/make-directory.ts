import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { isMillraceError, MillraceError, reasonOf } from '../../shared/errors.ts'

/**
 * Makes the directory that a flag names, with those above it, and sees to it that files can be written there.
 * @throws MillraceError `USAGE` when it cannot be
 */
export function makeDirectory(flag: string, directory: string): void {
  try {
    make(directory)
    accessSync(directory, constants.W_OK)
  } catch (error) {
    throw isMillraceError(error) ? error : unusable(flag, directory, reasonOf(error))
  }

  /** One by one: Node's own `recursive` never ends where the system takes no directory, as under /proc. */
  function make(path: string): void {
    if (existsSync(path)) {
      if (!statSync(path).isDirectory()) throw unusable(flag, directory, `${path} is not a directory`)
      return
    }
    make(dirname(path))
    mkdirSync(path)
  }
}

function unusable(flag: string, directory: string, reason: string): MillraceError {
  const problem = `${flag} ${directory} cannot be used (${reason}).`
  return new MillraceError('USAGE', { problem, fix: 'Give a directory that this user may write to.' })
}
