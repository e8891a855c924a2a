import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../local/main.ts', import.meta.url))

/** Processes that each run one processor's real handler; whoever dies is started again. */
export class Workers {
  /** Starts, the first ones included. */
  starts = 0
  readonly #flags: readonly string[]
  readonly #running = new Map<string, ChildProcess>()
  #stopping = false

  constructor(flags: readonly string[]) {
    this.#flags = flags
  }

  start(name: string): void {
    this.starts++
    const given = ['--processors', name, '--events', '0', ...this.#flags]
    const child = spawn(process.execPath, [main, ...given], { stdio: 'ignore' })
    this.#running.set(name, child)
    child.on('exit', () => {
      if (this.#running.get(name) !== child || this.#stopping) return
      // As Lambda does: a new environment, at once.
      setTimeout(() => {
        if (!this.#stopping) this.start(name)
      }, 200)
    })
  }

  /** SIGKILL: it gets no chance to say good-bye. */
  kill(name: string): void {
    this.#running.get(name)?.kill('SIGKILL')
  }

  /** It stands still, with requests on their way, while another one takes its place; then it goes on: a zombie. */
  freeze(name: string, forMs: number): void {
    const child = this.#running.get(name)
    if (child === undefined || child.exitCode !== null) return
    child.kill('SIGSTOP')
    this.start(name)
    setTimeout(() => {
      child.kill('SIGCONT')
      setTimeout(() => child.kill('SIGKILL'), 5_000)
    }, forMs)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await Promise.all(
      [...this.#running.values()].map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return
        child.kill('SIGKILL')
        await once(child, 'exit')
      }),
    )
  }
}
