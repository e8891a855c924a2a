import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MillraceError } from '../../shared/errors.ts'

/** Where a run keeps its files. */
export interface DataDirectory {
  readonly path: string
  /** Gives it back: removes it when it is only for this run. */
  release(): void
}

/** `directory` for this process alone; undefined: a new one, removed at the end. */
export function openDataDirectory(directory: string | undefined): DataDirectory {
  return directory === undefined ? temporary() : kept(directory)
}

function temporary(): DataDirectory {
  const path = mkdtempSync(join(tmpdir(), 'millrace-'))
  const release = (): void => rmSync(path, { recursive: true, force: true })
  process.once('exit', release)
  return { path, release }
}

function kept(directory: string): DataDirectory {
  if (existsSync(directory) && !statSync(directory).isDirectory())
    throw usage(`--data ${directory} is not a directory.`, 'Give a directory, or a name that there is not yet.')
  mkdirSync(directory, { recursive: true })
  const lock = join(directory, 'lock')
  const owner = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0
  if (owner !== process.pid && isAlive(owner))
    throw usage(
      `Process ${owner} is running on --data ${directory}.`,
      `Stop it, give another directory, or delete ${lock}.`,
    )
  writeFileSync(lock, String(process.pid))
  return { path: directory, release: () => rmSync(lock, { force: true }) }
}

/** A killed process leaves its lock behind. */
function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid < 1) return false
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function usage(problem: string, fix: string): MillraceError {
  return new MillraceError('USAGE', { problem, fix })
}
