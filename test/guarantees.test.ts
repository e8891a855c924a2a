import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { corpus } from './hostile/corpus/index.ts'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/guarantees.md'), 'utf8')
const rows = page.split('\n').filter((line) => /^\| \d+ \|/.test(line))
const inQuotes = (text: string): string[] => [...text.matchAll(/`([^`\n]+)`/g)].map(([, quoted]) => quoted!)

it('what holds a guarantee exists', () => {
  const files = inQuotes(page).filter((quoted) => /^(test|infra|local|shared)\//.test(quoted))
  expect(files.length).toBeGreaterThan(40)
  expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([])
})

it('each row says what holds it, or that nothing does', () => {
  expect(rows.map((row) => Number(row.split('|')[1]))).toEqual(Array.from({ length: 42 }, (_, i) => i + 1))
  for (const row of rows) expect(row, row).toMatch(/`(test|infra)\/|simulated|not covered/i)
})

const FAULTS = join(root, 'local/simulation/faults.ts')
it.skipIf(!existsSync(FAULTS))('faults that it calls simulated are', () => {
  const known = readFileSync(FAULTS, 'utf8')
  const named = rows.flatMap((row) =>
    [...row.matchAll(/simulated ((?:`[\w-]+`(?:, )?)+)/g)].flatMap(([, faults]) => inQuotes(faults!)),
  )
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter((fault) => !new RegExp(`^  '?${fault}'?: [\\d.]+,`, 'm').test(known))).toEqual([])
})

it('the number of hostile records is the corpus’s', () => {
  expect(Number(/^(\d+) hostile records/m.exec(page)?.[1])).toBe(corpus.length)
})
