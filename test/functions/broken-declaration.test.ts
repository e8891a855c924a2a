import { execFile } from 'node:child_process'
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** No window is shorter than nothing: the declaration is refused when it is made, in line 6. */
const broken = `import { minutes, processor, seconds, count, tumbling } from '#millrace'
import { cardSpend, transactions } from './topics.ts'

export const broken = processor('broken')
  .from(transactions)
  .keyBy().window(tumbling(minutes(-11)).grace(seconds(1)))
  .aggregate({ count: count() })
  .to(cardSpend as never)
`

describe('a declaration in functions/ that cannot be', () => {
  const copy = mkdtempSync(join(tmpdir(), 'millrace-broken-'))
  beforeAll(() => {
    for (const name of ['functions', 'shared', 'local', 'ops', 'infra', 'package.json', 'tsconfig.json'])
      cpSync(join(root, name), join(copy, name), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
    writeFileSync(join(copy, 'functions/broken.ts'), broken)
    appendFileSync(join(copy, 'functions/index.ts'), "\nexport { broken } from './broken.ts'\n")
  })
  afterAll(() => rmSync(copy, { recursive: true, force: true }))

  const run = (script: string, ...args: string[]) =>
    new Promise<{ code: number; text: string }>((resolve) => {
      const child = execFile(process.execPath, [script, ...args], { cwd: copy }, (_, out, errors) =>
        resolve({ code: child.exitCode ?? -1, text: out + errors }),
      )
    })

  it.each([
    { command: 'npm start', args: ['local/main.ts', '--events', '10', '--exit'] },
    { command: 'npm run simulate', args: ['local/simulate.ts', '--seeds', '1'] },
    { command: 'npm run synth', args: ['infra/app.ts'] },
    { command: 'npm run ops', args: ['ops/main.ts', 'lag', '--data', '.'] },
    { command: 'npm run backtest', args: ['ops/backtest.ts', '--rules', 'package.json', '--input', 'package.json'] },
  ])(
    'ends $command with what is wrong with it and where it stands, in a few lines',
    async ({ args: [script, ...args] }) => {
      const { code, text } = await run(script!, ...args)
      expect(code).toBe(1)
      expect(text).toMatch(/^DURATION_INVALID: .*-660000 ms/)
      expect(text).toContain('functions/broken.ts:6')
      expect(text.trim().split('\n').length).toBeLessThanOrEqual(3)
    },
    60_000,
  )

  it('does not keep a command from saying how it is used', async () => {
    for (const script of ['local/main.ts', 'local/simulate.ts', 'ops/main.ts', 'ops/backtest.ts'])
      expect(await run(script, '--help')).toMatchObject({ code: 0, text: expect.stringMatching(/Usage/) })
  }, 60_000)
})
