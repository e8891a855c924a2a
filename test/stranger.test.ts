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

describe('a stranger who adds a processor of their own, in one file and one list entry,', () => {
  let copy: string
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'millrace-stranger-'))
    for (const name of [
      'functions',
      'shared',
      'local',
      'infra',
      'package.json',
      'package-lock.json',
      'cdk.json',
      'tsconfig.json',
    ])
      cpSync(join(root, name), join(copy, name), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
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
    await run(process.execPath, ['node_modules/aws-cdk/bin/cdk', 'synth', '--quiet', '--output', 'out'], {
      cwd: copy,
      maxBuffer: 1 << 26,
    })
    const templates = readdirSync(join(copy, 'out')).filter((file) => file.endsWith('.template.json'))
    const all = templates.map((file) => readFileSync(join(copy, 'out', file), 'utf8')).join('\n')
    expect(all).toContain('"MILLRACE_STAGE": "night-owls"')
    expect(all).toContain('millrace.night-owls.1.main')
  }, 120_000)
})
