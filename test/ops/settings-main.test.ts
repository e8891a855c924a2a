import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runOps } from '../../ops/run.ts'
import type { Changed, Shown } from './ruled-shop.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'millrace-settings-'))
const data = join(folder, 'data')
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

const on = (...countries: string[]) => ({ lists: { countries } })

/** A run of its own that goes on where the last one ended, over a file with these documents as changes. */
async function feed(...documents: object[]): Promise<void> {
  const file = join(folder, 'changes.ndjson')
  writeFileSync(file, documents.map((document) => `${JSON.stringify({ name: 'fraud-settings', document })}\n`).join(''))
  const flags = ['--data', data, '--input', file, '--topic', 'fraud-settings', '--exit', '--json']
  await promisify(execFile)(process.execPath, ['local/main.ts', ...flags], { cwd: root })
}

/** `npm run ops -- settings …`, in this process. */
async function settings(...args: string[]) {
  let [out, errors] = ['', '']
  const code = await runOps(['settings', ...args, '--data', data, '--json'], {
    out: (text) => {
      out += text
    },
    errors: (text) => {
      errors += text
    },
  })
  return { code, errors, json: (out === '' ? undefined : JSON.parse(out)) as unknown }
}

function fileOf(content: string | Uint8Array): string {
  const file = join(folder, 'draft.json')
  writeFileSync(file, content)
  return file
}

describe('npm run ops -- settings, on the data directory of a run', () => {
  beforeAll(() => feed(on('DE')), 60_000)

  it('sends a change, which the next run applies, and takes none of the lines that the run feeds for it', async () => {
    const file = fileOf(JSON.stringify(on('DE', 'FR')))
    expect((await settings('apply', 'card-rules', file)).json).toMatchObject({ version: 2, sent: false })
    const sent = await settings('apply', 'card-rules', file, '--yes', '--note', 'ana')
    expect(sent.json as Changed).toMatchObject({
      version: 2,
      changes: [{ list: 'countries', added: ['FR'], removed: [] }],
      sent: true,
    })
    await feed(on('DE'), on('IT'))
    const { kept, inForce, waiting } = (await settings('show', 'device-rules')).json as Shown
    expect(kept.map(({ version, document, note }) => [version, document, note])).toEqual([
      [1, on('DE'), ''],
      [2, on('DE', 'FR'), 'ana'],
      [3, on('IT'), ''],
    ])
    expect([inForce, waiting]).toEqual([kept[2], 0])
    expect((await settings('rollback', 'card-rules', '2')).json).toMatchObject({ before: 3, version: 4, sent: false })
  }, 90_000)

  it.each([
    {
      title: 'a document that no rule fits',
      args: () => ['apply', 'card-rules', fileOf('{"rules":{"typo":{}}}')],
      says: /"typo"/,
    },
    {
      title: 'a file that is no JSON',
      args: () => ['apply', 'card-rules', fileOf('{')],
      says: /cannot be read as JSON/,
    },
    {
      title: 'a file that is no text',
      args: () => ['apply', 'card-rules', fileOf(Buffer.from('"\xe9"', 'latin1'))],
      says: /cannot be read/,
    },
    { title: 'no file', args: () => ['apply', 'card-rules', join(folder, 'none.json')], says: /cannot be read/ },
    { title: 'a version that is none', args: () => ['rollback', 'card-rules', 'one'], says: /VERSION is "one"/ },
    { title: 'a version that never was', args: () => ['rollback', 'card-rules', '99', '--yes'], says: /no version 99/ },
    {
      title: 'a processor without settings',
      args: () => ['show', 'card-spend'],
      says: /Those that do are: card-rules, device-rules/,
    },
    { title: 'an unknown processor', args: () => ['show', 'nope'], says: /no processor called "nope"/ },
    { title: 'half a command', args: () => [], says: /not complete/ },
  ])(
    'ends with 2 for $title',
    async ({ args, says }) => {
      expect(await settings(...args())).toMatchObject({ code: 2, json: undefined, errors: expect.stringMatching(says) })
    },
    30_000,
  )
})
