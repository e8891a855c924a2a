import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { runOps } from '../../ops/run.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'millrace-ops-'))
const data = join(folder, 'data')
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

interface Ended {
  readonly code: number
  readonly out: string
  readonly errors: string
}

function node(script: string, ...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [script, ...args], { cwd: root }, (_, out, errors) =>
      resolve({ code: child.exitCode ?? -1, out, errors }),
    )
  })
}

/** The same as `npm run ops -- …`, in this process. */
async function command(...args: string[]): Promise<Ended> {
  let [out, errors] = ['', '']
  const code = await runOps(args, {
    out: (text) => {
      out += text
    },
    errors: (text) => {
      errors += text
    },
  })
  return { code, out, errors }
}

const ops = (...args: string[]) => command(...args, '--data', data)
const json = async <T>(...args: string[]): Promise<T> => JSON.parse((await ops(...args, '--json')).out) as T
const transaction = (id: string, cardId: string, amount: unknown) =>
  JSON.stringify({ id, cardId, amount, merchant: 'm', country: 'DE', at: 1_000 })

/** Feeds these lines in a run of its own that goes on where the last one ended. */
function feed(...lines: string[]): Promise<Ended> {
  const file = join(folder, 'in.ndjson')
  writeFileSync(file, lines.join('\n'))
  return node('local/main.ts', '--data', data, '--input', file, '--topic', 'transactions', '--exit', '--json')
}

describe('npm run ops, on the data directory of a run', () => {
  const lines = [transaction('1', 'a', 10), transaction('2', 'a', 20), 'not json', transaction('3', 'b', '\u001b[2J')]
  beforeAll(async () => {
    expect((await feed(...lines)).code).toBe(0)
  }, 60_000)

  it('says how far each stage is', async () => {
    const lags = await json<{ stage: string; end: number; applied: number; committed: number; waiting: number }[]>(
      'lag',
      'card-spend',
    )
    expect(lags).toHaveLength(12)
    expect(lags.reduce((sum, { applied = 0 }) => sum + applied, 0)).toBe(4)
    for (const { waiting, applied, committed } of lags) expect([waiting, applied]).toEqual([0, committed])
  }, 30_000)

  it('shows state and journal', async () => {
    const [cell] = await json<{ key: string; partition: number }[]>('state', 'get', 'card-spend', 'a')
    expect(cell!.key).toBe('a')
    const commits = await json<object[]>('journal', 'show', 'card-spend', String(cell!.partition))
    expect(commits.at(-1)).toMatchObject({ kind: 'batch', counts: { counted: 2 } })
  }, 30_000)

  it('lists what is parked, shows it, and redrives or gives it up', async () => {
    const list = await ops('parked', 'list', '--processor', 'card-spend')
    expect(list.out).toMatch(/card-spend │ NOT_JSON │\s+1/)
    const { records } = await json<{ records: { id: string; reason: string }[] }>(
      'parked',
      'list',
      '--reason',
      'SCHEMA',
    )
    const { id } = records.find((each) => each.id.startsWith('card-spend/'))!
    const shown = await ops('parked', 'show', id)
    expect(shown.out).toContain('SCHEMA')
    expect(shown.out.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
    const again = await ops('parked', 'redrive', '--id', id)
    expect(again).toMatchObject({ code: 1, out: expect.stringMatching(/would be parked again.*SCHEMA/) })
    expect(await ops('parked', 'discard')).toMatchObject({ code: 2, errors: expect.stringMatching(/--yes/) })
    expect(await ops('parked', 'discard', '--id', id)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/given up/),
    })
    expect((await ops('parked', 'redrive', '--id', id)).out).toMatch(/applied or given up before/)
  }, 60_000)

  it('forgets a key, and the next run begins it anew', async () => {
    expect(await json('forget', 'a', '--yes')).toMatchObject({
      erased: expect.arrayContaining([expect.objectContaining({ stage: 'card-spend', cells: 1 })]),
    })
    expect(await json('state', 'get', 'card-spend', 'a')).toEqual([])
    expect((await feed(...lines, transaction('4', 'a', 5))).code).toBe(0)
    expect(JSON.stringify(await json('state', 'get', 'card-spend', 'a'))).toContain('[5,0]')
  }, 60_000)

  it('finds nothing to prune where all is declared', async () => {
    expect(await json('prune')).toEqual([])
  }, 30_000)

  it('keeps off while a run is using the directory, but for pause and resume, which the run obeys', async () => {
    const flags = ['local/main.ts', '--data', data, '--processors', 'card-spend', '--rate', '1000']
    const run = spawn(process.execPath, flags, { cwd: root })
    onTestFinished(() => void run.kill('SIGKILL'))
    const ended = once(run, 'close')
    let said = ''
    run.stderr.on('data', (text) => {
      said += text
    })
    await expect.poll(() => said, { timeout: 20_000 }).toMatch(/produced/)
    expect(await ops('lag')).toMatchObject({
      code: 2,
      errors: expect.stringMatching(/Another process is running on --data/),
    })
    expect((await ops('pause', 'card-spend')).code).toBe(0)
    await expect.poll(() => said, { timeout: 20_000 }).toMatch(/PAUSED: card-spend is paused/)
    expect((await ops('resume', 'card-spend')).code).toBe(0)
    run.kill('SIGINT')
    await ended
    const lags = await json<{ end: number; waiting: number }[]>('lag', 'card-spend')
    expect(lags.reduce((sum, { end }) => sum + end, 0)).toBeGreaterThan(5)
    expect(lags.reduce((sum, { waiting }) => sum + waiting, 0)).toBe(0)
  }, 90_000)
})

describe('npm run ops', () => {
  it.each([
    { title: 'no place', args: ['lag'], says: /does not say where to work/ },
    { title: 'a directory of something else', args: ['lag', '--data', folder], says: /is no data directory of a run/ },
    { title: 'an unknown processor', args: ['lag', 'nope', '--data', data], says: /no processor called "nope"/ },
    { title: 'half a command', args: ['parked', '--data', data], says: /not complete/ },
    { title: 'an unknown command', args: ['bogus', '--data', data], says: /Unknown command 'bogus'/ },
    { title: 'no offset to skip to', args: ['skip', 'card-spend', '0', '--data', data], says: /--to/ },
    { title: 'a stack, but not AWS', args: ['lag', '--stack', 's', '--data', data], says: /Give --aws/ },
    {
      title: 'nothing to pause',
      args: ['pause', 'card-spend', '--brokers', 'b:1', '--dynamodb', 'http://d'],
      says: /nothing to pause/,
    },
  ])(
    'ends with 2 for $title, and says what to do',
    async ({ args, says }) => {
      expect(await command(...args)).toMatchObject({
        code: 2,
        out: '',
        errors: expect.stringMatching(says),
      })
    },
    30_000,
  )

  it('is a script', async () => {
    const { code, errors } = await node('ops/main.ts', 'lag')
    expect([code, errors]).toEqual([2, expect.stringContaining('does not say where to work')])
  }, 30_000)

  it.each([[['--help']], [['parked', '--help']], [['state', 'get', '--help']]])(
    'has help for %j',
    async (args) => {
      const { code, out, errors } = await command(...args)
      expect([code, errors]).toEqual([0, ''])
      expect(out).toMatch(/Usage: npm run ops --/)
    },
    30_000,
  )
})
