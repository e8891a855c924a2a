import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compareOutputs, compareParked, compareTopic } from './compare.ts'
import { identityOf } from './written.ts'

const row = (key: string, value: unknown, timestamp = 1) => ({ key, value, timestamp })
const written = (identity: string, key: string, value: unknown, timestamp = 1) => {
  return { ...row(key, value, timestamp), headers: { mr: `${identity};1767225600000` } }
}
const same = { missing: 0, unexpected: 0, errorCount: 0 }

describe('compareTopic', () => {
  it('takes the identity to be what is before the last semicolon', () => {
    expect(identityOf('card-spend-3;12.0;1767225600000')).toBe('card-spend-3;12.0')
    expect(identityOf('none')).toBeUndefined()
  })

  it('minds neither order nor keys out of order', () => {
    const got = [written('p;1.0', 'b', 2), written('p;0.0', 'a', { y: 1, x: 2 })]
    expect(compareTopic('t', [row('a', { x: 2, y: 1 }), row('b', 2)], got)).toMatchObject(same)
  })

  it('drops duplicates, which must be equal', () => {
    const twice = [written('p;1.0', 'a', 1), written('p;1.0', 'a', 1)]
    expect(compareTopic('t', [row('a', 1)], twice)).toMatchObject({ ...same, duplicates: 1 })
    const other = [written('p;1.0', 'a', 1), written('p;1.0', 'a', 2)]
    expect(compareTopic('t', [row('a', 1)], other)).toMatchObject({ ...same, errorCount: 1 })
  })

  it('counts equal rows of two identities twice', () => {
    const twice = [written('p;1.0', 'a', 1), written('p;2.0', 'a', 1)]
    expect(compareTopic('t', [row('a', 1)], twice)).toMatchObject({ ...same, unexpected: 1 })
  })

  it('wants an identity', () => {
    expect(compareTopic('t', [row('a', 1)], [row('a', 1)])).toMatchObject({ ...same, errorCount: 1 })
  })

  it('allows fractions an error, on either side of a half too, and whole numbers none', () => {
    const mean = (value: number) =>
      compareTopic('t', [row('a', { mean: 0.0003125 })], [written('p;1.0', 'a', { mean: value })])
    expect(mean(0.0003125 + 1e-16)).toMatchObject(same)
    expect(mean(0.0003125 - 1e-16)).toMatchObject(same)
    expect(mean(0.000314)).toMatchObject({ missing: 1, unexpected: 1 })
    const start = 1767225600000
    const time = compareTopic('t', [row('a', { start })], [written('p;1.0', 'a', { start: start + 1 })])
    expect(time).toMatchObject({ missing: 1, unexpected: 1 })
  })

  it('compares the timestamp', () => {
    expect(compareTopic('t', [row('a', 1, 5)], [written('p;1.0', 'a', 1, 6)])).toMatchObject({ missing: 1 })
  })
})

describe('compareParked', () => {
  const summary = {
    read: 1,
    valid: 0,
    parked: 1,
    parkedByReason: { SCHEMA: 1 },
    large: { results: 0 },
    cardSpend: { late: 0, results: 0 },
    fraud: { late: 0, alerts: 0 },
  }
  const parked = ['large-transactions', 'card-spend', 'fraud-detection'].map((processor) =>
    written(`${processor}-0;0.0`, 'k', { id: 'x', processor, reason: 'SCHEMA' }),
  )

  it('wants each processor to park the same lines', () => {
    expect(compareParked(summary, parked)).toMatchObject(same)
    expect(compareParked(summary, parked.slice(1))).toMatchObject({ missing: 1, unexpected: 0 })
  })

  it('reports what differs in files', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'compare-'))
    for (const topic of ['large-transactions', 'card-spend', 'fraud-alerts']) {
      writeFileSync(join(directory, `${topic}.ndjson`), '')
    }
    writeFileSync(join(directory, 'summary.json'), JSON.stringify(summary))
    const options = { referenceDir: directory, outputDir: directory }
    expect((await compareOutputs(options)).equal).toBe(false)
    const lines = parked.map((line) => `${JSON.stringify(line)}\n`)
    writeFileSync(join(directory, 'millrace-parked.ndjson'), lines.join(''))
    expect((await compareOutputs(options)).equal).toBe(true)
    rmSync(directory, { recursive: true })
  })
})
