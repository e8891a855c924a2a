import { readFileSync } from 'node:fs'
import { MillraceError } from '../../shared/errors.ts'

/** What a file of ours holds. @throws MillraceError `DATA_DAMAGED` when it is not JSON, as ours always is */
export function readJson<T>(file: string): T {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch (error) {
    if (error instanceof SyntaxError) throw new MillraceError('DATA_DAMAGED', { file, problem: 'it is not JSON' })
    throw error
  }
}
