import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MillraceError } from '../../shared/errors.ts'
import { replaceFile } from '../log/replace-file.ts'
import { makeDirectory } from './make-directory.ts'

/** Where a run keeps its files. */
export interface DataDirectory {
  readonly path: string
  /** Gives it back: removes it when it is only for this run. */
  release(): void
}

const ANSWER_WITHIN_MS = 1_000
const TEMPORARY = 'millrace-run-'

/**
 * `directory` for this process alone; undefined: a new one, removed at the end.
 * @throws MillraceError `USAGE` when another process is using it
 */
export async function openDataDirectory(directory: string | undefined): Promise<DataDirectory> {
  if (directory !== undefined) return await kept(directory)
  await removeLeftOvers()
  return await temporary()
}

async function temporary(): Promise<DataDirectory> {
  const { path, release: unlock } = await kept(mkdtempSync(join(tmpdir(), TEMPORARY)))
  const release = (): void => {
    process.off('exit', release)
    unlock()
    remove(path)
  }
  process.on('exit', release)
  return { path, release }
}

/** Those of runs that were killed: ours, with a lock that nobody answers for. One without a lock is about to get it. */
async function removeLeftOvers(): Promise<void> {
  const paths = readdirSync(tmpdir())
    .filter((name) => name.startsWith(TEMPORARY))
    .map((name) => join(tmpdir(), name))
  await Promise.all(
    paths.map(async (path) => {
      try {
        if (process.getuid !== undefined && lstatSync(path).uid !== process.getuid()) return
        if (!(await isHeld(readFileSync(join(path, 'lock'), 'utf8')))) remove(path)
      } catch {
        // It has gone meanwhile, or cannot be removed: the run can do without.
      }
    }),
  )
}

/** Retried: the database in its thread may be writing there to the last. */
const remove = (path: string): void => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 })

/**
 * The owner answers on a port that the lock names. A process id would not do: a killed process may leave a zombie, and
 * its id may be another's by now.
 */
async function kept(directory: string): Promise<DataDirectory> {
  makeDirectory('--data', directory)
  const lock = join(directory, 'lock')
  if (existsSync(lock) && (await isHeld(readFileSync(lock, 'utf8'))))
    throw usage(`Another process is running on --data ${directory}.`, 'Stop it first, or give another directory.')
  const name = randomUUID()
  const server = createServer((socket) => socket.on('error', () => undefined).end(name)).unref()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  replaceFile(lock, `${(server.address() as AddressInfo).port} ${name}`)
  const release = (): void => {
    process.off('exit', release)
    server.close()
    rmSync(lock, { force: true })
  }
  process.on('exit', release)
  return { path: directory, release }
}

function isHeld(lock: string): Promise<boolean> {
  const [, port, name] = /^(\d{1,5}) (.+)$/.exec(lock) ?? []
  if (!(Number(port) < 65_536)) return Promise.resolve(false)
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect({ port: Number(port), host: '127.0.0.1', timeout: ANSWER_WITHIN_MS })
    socket.on('data', (bytes) => {
      answer += bytes
    })
    socket.on('timeout', () => socket.destroy())
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(answer === name))
  })
}

function usage(problem: string, fix: string): MillraceError {
  return new MillraceError('USAGE', { problem, fix })
}
