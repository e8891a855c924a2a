import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Summary } from '../../local/run/summary.ts'
import { temporaryDirectory } from './temporary.ts'

const main = fileURLToPath(new URL('../../local/main.ts', import.meta.url))

interface Outcome {
  readonly code: number
  readonly out: string
  readonly errors: string
}

/** What `npm start -- FLAGS` does. */
function start(...flags: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, ...flags], (_, out, errors) => {
      resolve({ code: child.exitCode ?? -1, out, errors })
    })
  })
}

const linesOf = (file: string): Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

describe('npm start', () => {
  it('runs the processors on generated records, and says in JSON what came of them', async () => {
    const output = temporaryDirectory()
    const flags = ['--events', '4000', '--rate', '1000000', '--exit', '--close-windows', '--output', output]
    const { code, out, errors } = await start(...flags, '--json')
    expect(code, errors).toBe(0)
    const summary = JSON.parse(out) as Summary
    expect(summary).toMatchObject({ produced: 4_000, problems: [] })
    expect(summary.peakRssBytes).toBeGreaterThan(2 ** 20)
    const { 'card-spend': cardSpend, 'important-events': important } = summary.processors
    expect(cardSpend).toMatchObject({ counted: cardSpend!.read, openTimers: 0 })
    expect(cardSpend!.commits).toBeGreaterThan(0)
    expect(cardSpend!.dynamodb.writes).toBeGreaterThanOrEqual(cardSpend!.commits)
    expect(important!.filtered + important!.counted).toBe(important!.read)
    expect(important!.dynamodb).toEqual({ reads: 0, writes: 0, readUnits: 0, writeUnits: 0 })
    const spends = linesOf(join(output, 'card-spend.ndjson'))
    expect(spends).toHaveLength(cardSpend!.emitted)
    expect(spends[0]).toMatchObject({
      key: expect.any(String),
      value: { key: spends[0]!.key, window: {}, count: expect.any(Number) },
      timestamp: expect.any(Number),
      partition: expect.any(Number),
      offset: 0,
      headers: { mr: expect.stringMatching(/^card-spend\.1\.\d+;/) },
    })
    const rows = linesOf(join(output, 'log-counts.ndjson'))
    expect(rows[0]).toMatchObject({ key: expect.any(String), sort: expect.any(String), value: {} })
    expect(linesOf(join(output, 'millrace-parked.ndjson'))).toEqual([])
  }, 60_000)

  it('exits 2 with the fix for a wrong command line, and 0 for help', async () => {
    const [wrong, contradiction, help] = await Promise.all([start('--evnts', '5'), start('--exit'), start('--help')])
    expect(wrong).toMatchObject({ code: 2, out: '', errors: expect.stringMatching(/--evnts.*--events/) })
    expect(contradiction).toMatchObject({ code: 2, errors: expect.stringMatching(/Add --events N/) })
    expect(help).toMatchObject({ code: 0, errors: '', out: expect.stringMatching(/Examples:/) })
  }, 60_000)

  it.each([
    ['--output', '/dev/null/x', /--output \/dev\/null\/x cannot be used.*not a directory/],
    ['--output', '/proc/there-is-no-such', /--output \/proc\/.* cannot be used \(ENOENT\)/],
    ['--data', '/proc/there-is-no-such', /--data \/proc\/.* cannot be used \(ENOENT\)/],
  ])(
    'exits 2 before it does anything when %s is %s',
    async (flag, directory, message) => {
      const { code, errors } = await start('--events', '5', '--exit', flag, directory)
      expect(errors).toMatch(message)
      expect(errors).not.toMatch(/produced/)
      expect(code).toBe(2)
    },
    20_000,
  )

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'ends at once on %s while it starts',
    async (signal) => {
      // A broker that takes connections and never says a word.
      const silent = createServer().listen(0, '127.0.0.1')
      await once(silent, 'listening')
      const { port } = silent.address() as AddressInfo
      const data = temporaryDirectory()
      const child = spawn(process.execPath, [main, '--brokers', `127.0.0.1:${port}`, '--data', data])
      onTestFinished(() => void child.kill('SIGKILL'))
      const closed = once(child, 'close')
      await once(silent, 'connection')
      const signalledMs = performance.now()
      child.kill(signal)
      expect(await closed).toEqual([130, null])
      expect(performance.now() - signalledMs).toBeLessThan(2_000)
      expect(existsSync(join(data, 'lock'))).toBe(false)
      silent.close()
    },
    30_000,
  )

  it('keeps state in files and not in memory; without --data they are gone at the end, however it ends', async () => {
    const temporary = temporaryDirectory()
    const child = spawn(process.execPath, [main], { env: { ...process.env, TMPDIR: temporary } })
    onTestFinished(() => void child.kill('SIGKILL'))
    const closed = once(child, 'close')
    for await (const text of child.stderr) if (/produced/.test(String(text))) break
    const [name] = readdirSync(temporary)
    expect(readdirSync(join(temporary, name!)).toSorted()).toEqual(['dynamodb', 'groups', 'lock', 'topics'])
    child.kill('SIGINT')
    child.kill('SIGTERM')
    expect(await closed).toEqual([130, null])
    expect(readdirSync(temporary)).toEqual([])
  }, 30_000)

  it('removes what a run without --data has left behind that was killed', async () => {
    const temporary = temporaryDirectory()
    const env = { ...process.env, TMPDIR: temporary }
    const killed = spawn(process.execPath, [main, '--processors', 'important-events'], { env })
    onTestFinished(() => void killed.kill('SIGKILL'))
    const closed = once(killed, 'close')
    for await (const text of killed.stderr) if (/produced/.test(String(text))) break
    killed.kill('SIGKILL')
    await closed
    expect(readdirSync(temporary)).toHaveLength(1)
    const flags = ['--processors', 'important-events', '--events', '100', '--exit']
    const next = spawn(process.execPath, [main, ...flags], { env, stdio: 'ignore' })
    expect(await once(next, 'close')).toEqual([0, null])
    expect(readdirSync(temporary)).toEqual([])
  }, 60_000)

  it('exits 1 within 15 s when the database takes requests and never answers, and says which', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    onTestFinished(() => void silent.close())
    const { port } = silent.address() as AddressInfo
    const startedMs = performance.now()
    const { code, errors } = await start('--dynamodb', `http://127.0.0.1:${port}`, '--events', '5', '--exit')
    expect(performance.now() - startedMs).toBeLessThan(15_000)
    expect(code).toBe(1)
    expect(errors).toMatch(new RegExp(`DATABASE_UNREACHABLE.*127\\.0\\.0\\.1:${port} does not answer \\(`))
  }, 60_000)

  it('exits 1 when the database cannot be reached, and says which', async () => {
    const { code, errors } = await start('--dynamodb', 'http://127.0.0.1:9', '--events', '5', '--exit')
    expect(code).toBe(1)
    expect(errors).toMatch(/DATABASE_UNREACHABLE.*127\.0\.0\.1:9/)
  }, 60_000)
})
