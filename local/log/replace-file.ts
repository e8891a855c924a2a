import { renameSync, writeFileSync } from 'node:fs'

/** Replaces a file as a whole: whoever reads it, after a kill at any moment too, sees the old text or the new one. */
export function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}
