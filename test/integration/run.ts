import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../local/main.ts', import.meta.url))

/** The laptop run's summary, as far as tests look at it. */
export interface RunSummary {
  readonly processors: Record<
    string,
    { read: number; counted: number; filtered: number; late: number; parked: number; duplicatesDropped: number }
  >
  readonly elapsedMs: number
  readonly recordsPerSecond: number
  readonly peakRssBytes: number
}

/** Runs `npm start` with these flags; `killAfterMs`: kill -9 after that long. @returns undefined when it was killed */
export function runLaptop(flags: readonly string[], killAfterMs?: number): Promise<RunSummary | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...flags, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let errors = ''
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    child.stderr.on('data', (chunk) => {
      errors = (errors + chunk).slice(-4_000)
    })
    const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (signal === 'SIGKILL') resolve(undefined)
      else if (code !== 0) reject(new Error(`the run ended with code ${code}: ${errors}`))
      else resolve(JSON.parse(out) as RunSummary)
    })
  })
}
