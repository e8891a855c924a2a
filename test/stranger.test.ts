import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

import { processors as declared } from '../functions/index.ts'

const run = promisify(execFile)

const processor = `import { processor } from '#millrace'
import { largeTransactions, transactions } from './topics.ts'

export const nightOwls = processor('night-owls')
  .from(transactions)
  .filter((tx) => new Date(tx.at).getUTCHours() < 5)
  .to(largeTransactions)
`

const rule = `import * as z from 'zod'
import { above } from '#millrace'
import { card } from './card.ts'

/** A large payment of a round sum. */
export const roundSum = card.rule('round-sum', {
  parameters: z.strictObject({ of: z.number().positive() }),
  initial: { of: 1_000 },
  when: ({ event, parameters }) => event.amount % parameters.of === 0 && above('amount', event.amount, 0),
})
`

function copyOfTheProject(): string {
  const copy = mkdtempSync(join(tmpdir(), 'millrace-stranger-'))
  for (const name of [
    'functions',
    'shared',
    'local',
    'ops',
    'infra',
    'package.json',
    'package-lock.json',
    'cdk.json',
    'tsconfig.json',
  ])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

async function synthesized(copy: string): Promise<string> {
  await run(process.execPath, ['node_modules/aws-cdk/bin/cdk', 'synth', '--quiet', '--output', 'out'], {
    cwd: copy,
    maxBuffer: 1 << 26,
  })
  const templates = readdirSync(join(copy, 'out')).filter((file) => file.endsWith('.template.json'))
  return templates.map((file) => readFileSync(join(copy, 'out', file), 'utf8')).join('\n')
}

describe('a stranger who adds a processor of their own, in one file and one list entry,', () => {
  let copy: string
  beforeAll(() => {
    copy = copyOfTheProject()
    writeFileSync(join(copy, 'functions/night-owls.ts'), processor)
    const list = join(copy, 'functions/index.ts')
    const text = readFileSync(list, 'utf8').replace(
      'export const processors = [',
      'export const processors = [\n  nightOwls,',
    )
    writeFileSync(list, `import { nightOwls } from './night-owls.ts'\n${text}`)
  })
  afterAll(() => rmSync(copy, { recursive: true, force: true }))

  it('sees it run, and in the summary', async () => {
    const { stdout } = await run(process.execPath, ['local/main.ts', '--events', '4000', '--exit', '--json'], {
      cwd: copy,
      maxBuffer: 1 << 26,
    })
    const { processors } = JSON.parse(stdout)
    expect(Object.keys(processors)).toHaveLength(declared.length + 1)
    expect(processors['night-owls'].read).toBe(processors['large-transactions'].read)
    expect(processors['night-owls'].read).toBeGreaterThan(0)
  }, 60_000)

  it('sees its function and its mapping in the template', async () => {
    const all = await synthesized(copy)
    expect(all).toContain('"MILLRACE_STAGE": "night-owls"')
    expect(all).toContain('millrace.night-owls.1.main')
  }, 120_000)
})

describe('a stranger who adds a fraud rule, in one file and one list entry,', () => {
  let copy: string
  beforeAll(() => {
    copy = copyOfTheProject()
    writeFileSync(join(copy, 'functions/fraud/round-sum.ts'), rule)
    const list = join(copy, 'functions/fraud/rules.ts')
    const text = readFileSync(list, 'utf8').replace('blockedMerchant,\n', 'blockedMerchant,\n    roundSum,\n')
    writeFileSync(list, `import { roundSum } from './round-sum.ts'\n${text}`)
  })
  afterAll(() => rmSync(copy, { recursive: true, force: true }))
  const payment = {
    cardId: 'c',
    deviceId: 'd',
    merchant: 'm',
    country: 'DE',
    latitude: 0,
    longitude: 0,
    approved: true,
  }
  const line = JSON.stringify({ id: '1', amount: 4_000, at: 0, ...payment })

  it('sees its alerts in a run', async () => {
    writeFileSync(join(copy, 'history.ndjson'), line)
    const input = ['--input', 'history.ndjson', '--topic', 'authorizations', '--output', 'out']
    await run(process.execPath, ['local/main.ts', ...input, '--exit', '--close-windows', '--json'], { cwd: copy })
    expect(readFileSync(join(copy, 'out/rule-alerts.ndjson'), 'utf8')).toContain('"rule":"round-sum"')
  }, 60_000)

  it('sees them in a backtest, with other parameters', async () => {
    writeFileSync(join(copy, 'rules.json'), '{"rules":{"round-sum":{"parameters":{"of":2000}}}}')
    writeFileSync(join(copy, 'history.ndjson'), line)
    const { stdout } = await run(
      process.execPath,
      ['ops/backtest.ts', '--rules', 'rules.json', '--input', 'history.ndjson', '--json'],
      { cwd: copy },
    )
    expect(JSON.parse(stdout).rules['round-sum'].alerts).toBe(1)
  }, 60_000)

  it('sees it on the dashboard of the template', async () => {
    expect(await synthesized(copy)).toContain('round-sum')
  }, 120_000)
})
