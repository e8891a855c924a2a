import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { MillraceError } from '../../shared/errors.ts'

/** A DynamoDB-compatible server beside the program. */
export interface EmbeddedDatabase {
  readonly endpoint: string
  /** Rejects when it ends by itself. */
  readonly failed: Promise<never>
  close(): Promise<void>
}

/**
 * Starts dynalite in a thread of its own, so that it uses a second core, on a free port of this machine. A thread and
 * not a process: it ends with the program however that ends. Keeps its data under `path`, without one in memory.
 */
export async function embeddedDatabase(path: string | undefined): Promise<EmbeddedDatabase> {
  const worker = new Worker(new URL('./dynalite-worker.ts', import.meta.url), { workerData: { path }, stderr: true })
  const failed = new Promise<never>((_, reject) => {
    worker.once('error', (error) => reject(unreachable(path, error)))
  })
  const ended = once(worker, 'exit').catch(() => undefined)
  const [port] = (await Promise.race([once(worker, 'message'), failed])) as [number]
  failed.catch(() => undefined)
  return {
    endpoint: `http://127.0.0.1:${port}`,
    failed,
    async close() {
      worker.postMessage('close')
      await ended
    },
  }
}

function unreachable(path: string | undefined, cause: unknown): MillraceError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new MillraceError('DATABASE_UNREACHABLE', { address: path ?? 'in this process', reason }, { cause })
}
