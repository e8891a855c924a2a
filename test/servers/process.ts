import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A Java program that runs until it is stopped. */
export interface JavaProcess {
  readonly pid: number
  readonly running: boolean
  /** SIGTERM, and SIGKILL when that takes longer than 10 s. Resolves when it is gone. */
  stop(): Promise<void>
  /** SIGKILL: it gets no chance to clean up. Resolves when it is gone. */
  kill(): Promise<void>
}

const STOP_LIMIT_MS = 10_000
const alive = new Set<ChildProcess>()

/** Whatever ends this process, the servers end with it. SIGKILL cannot be caught and leaves them. */
function endAll(): void {
  for (const child of alive) child.kill('SIGKILL')
}
process.once('exit', endAll)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    endAll()
    process.kill(process.pid, signal)
  })
}

// A test worker goes on by itself when the test runner is killed.
process.once('disconnect', () => {
  endAll()
  process.exit(1)
})

/** Starts `java` with these arguments; what it prints goes to the end of `logFile`. */
export async function startJava(args: readonly string[], dir: string, logFile: string): Promise<JavaProcess> {
  const child = spawn('java', args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] })
  const log = createWriteStream(logFile, { flags: 'a' })
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  await once(child, 'spawn')
  alive.add(child)
  const gone = once(child, 'exit').then(() => {
    alive.delete(child)
    log.end()
  })
  return {
    pid: child.pid!,
    get running() {
      return alive.has(child)
    },
    async stop() {
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
      await gone
      clearTimeout(late)
    },
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
  }
}

/**
 * Resolves when `ready` stops throwing.
 * @throws Error with what the server printed, when it ends first or is not ready after `limitMs`.
 */
export async function waitUntilReady(
  servers: readonly JavaProcess[],
  logFiles: readonly string[],
  ready: () => Promise<unknown>,
  limitMs = 60_000,
): Promise<void> {
  const startedAt = performance.now()
  for (;;) {
    try {
      await ready()
      return
    } catch (error) {
      const ended = servers.some((server) => !server.running)
      if (!ended && performance.now() - startedAt < limitMs) {
        await sleep(100)
        continue
      }
      await Promise.all(servers.map((server) => server.stop()))
      const printed = await Promise.all(logFiles.map((file) => readFile(file, 'utf8')))
      const what = ended ? 'A server ended' : `A server was not ready after ${limitMs} ms`
      throw new Error(`${what}:\n${printed.join('\n').slice(-4_000)}`, { cause: error })
    }
  }
}

/** `count` ports of 127.0.0.1 that nobody listens on now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
