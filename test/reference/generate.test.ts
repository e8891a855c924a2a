import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BROKEN_KINDS } from './broken-lines.ts'
import { emptyManifest, generateFile, generateLines } from './generate.ts'
import { readLines } from './lines.ts'
import { writeReference } from './reference.ts'

describe('files', () => {
  const options = { records: 5_000, seed: 7, cards: 200, broken: 45 }
  let directory: string
  let file: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'reference-'))
    file = join(directory, 'in.ndjson')
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  it('are the same for the same seed', async () => {
    await generateFile(file, options)
    const first = readFileSync(file)
    await generateFile(file, options)
    expect(readFileSync(file).equals(first)).toBe(true)
    await generateFile(file, { ...options, seed: 8 })
    expect(readFileSync(file).equals(first)).toBe(false)
  })

  it('hold the lines and the broken lines of the manifest, and alerts', async () => {
    const manifest = await generateFile(file, options)
    expect(manifest).toMatchObject({ lines: 5_000, records: 4_955, broken: 45 })
    expect(Object.keys(manifest.byKind).sort()).toEqual([...BROKEN_KINDS].sort())
    const summary = await writeReference(file, directory, 12)
    expect(summary).toMatchObject({ read: 5_000, valid: 4_955, parked: 45 })
    expect(summary.fraud.alerts).toBeGreaterThan(0)
  })

  it('may be tiny', () => {
    const tiny = { records: 1, seed: 1, cards: 1, broken: 1 }
    expect([...generateLines(tiny, emptyManifest())]).toHaveLength(1)
  })

  it('are split as bytes, and end without empty lines', async () => {
    writeFileSync(file, Buffer.from('a\n\n\xff\n\n\n', 'latin1'))
    const lines: Buffer[] = []
    for await (const batch of readLines(file)) lines.push(...batch)
    expect(lines.map((bytes) => bytes.toString('latin1'))).toEqual(['a', '', '\xff'])
  })
})
