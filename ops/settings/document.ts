import { readFileSync } from 'node:fs'
import { usage } from '../../local/cli/flags.ts'

/** What a file of settings holds, whatever it is. @throws MillraceError `USAGE` for what is no JSON in UTF-8 */
export function documentIn(file: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)))
  } catch (error) {
    throw usage(
      `${file} cannot be read as JSON (${(error as Error).message}).`,
      'Give a file of settings, {} for those of the declarations.',
    )
  }
}
