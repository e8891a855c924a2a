import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/windows.md'), 'utf8')
const compared = page.slice(page.indexOf('## Beside Kafka Streams'))
const rows = compared.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| rule |'))

describe('docs/windows.md', () => {
  it('names a test for each rule of Kafka Streams', () => {
    expect(rows.length).toBeGreaterThan(25)
    for (const row of rows) expect(row.split('|')[3], row).toMatch(/`/)
  })

  it('names tests that exist, by file and by title', () => {
    const files = [...compared.matchAll(/`(test\/[^`]+)`/g)].map(([, file]) => file!)
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([])
    const missing = rows.flatMap((row) => {
      const found = [...row.split('|')[3]!.matchAll(/`([\w-]+)` (\*[^`;]+\*)/g)]
      return found.flatMap(([, file, titles]) => {
        const text = readFileSync(join(root, `test/engine/windows/${file}.test.ts`), 'utf8')
        const named = [...titles!.matchAll(/\*([^*]+)\*/g)].map(([, title]) => title!)
        return named.filter((title) => !text.includes(title)).map((title) => `${file}: ${title}`)
      })
    })
    expect(missing).toEqual([])
  })

  it('draws every window, with a declaration of it', () => {
    const sections = page
      .slice(page.indexOf('## Tumbling'), page.indexOf('## When results go out'))
      .split(/^## /m)
      .slice(1)
    expect(sections).toHaveLength(8)
    for (const section of sections) expect(section).toMatch(/```\n[^`]*(records|late) .*\n[^`]*```[\s\S]*```ts\n/)
    const windows = 'tumbling hopping sliding session calendar unlimited everyRecords lastRecords global'.split(' ')
    for (const window of windows) expect(page).toContain(`.window(${window}(`)
  })
})
