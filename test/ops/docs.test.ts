import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { processors } from '../../functions/index.ts'
import { alarmsOf, journalAlarms } from '../../infra/alarms.ts'
import { parseOps } from '../../ops/cli.ts'
import { MillraceError } from '../../shared/errors.ts'
import { plan } from '../../shared/processor/plan.ts'

const read = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)), 'utf8')
const failures = read('failures.md')
const operations = read('operations.md')

const alarms = [...journalAlarms, ...plan(processors).stages.flatMap(alarmsOf)].map(({ id }) => id)
const commands = [...`${failures}\n${operations}`.matchAll(/npm run ops -- ([^#`\n]+)/g)].map(([, args]) =>
  args!.trim(),
)

describe('docs/failures.md', () => {
  it.each([...new Set(alarms)])('says what to do at the alarm %s', (id) => {
    expect(failures).toContain(`\`${id}\``)
  })

  it('names no error code that there is not', () => {
    for (const [, code] of failures.matchAll(/`([A-Z]+(?:_[A-Z0-9]+)*)`/g))
      if (code !== 'ID') expect(() => new MillraceError(code as 'USAGE')).not.toThrow()
  })

  it('leaves no reason for parking out', () => {
    const errors = readFileSync(fileURLToPath(new URL('../../shared/errors.ts', import.meta.url)), 'utf8')
    const reasons = errors.slice(errors.indexOf('// Input that cannot be used'), errors.indexOf('// Environment'))
    for (const [, code] of reasons.matchAll(/^ {2}([A-Z0-9_]+): row/gm)) expect(failures).toContain(`\`${code}\``)
  })
})

describe('commands of the documentation', () => {
  it('are there', () => {
    expect(commands.length).toBeGreaterThan(10)
  })

  it.each([...new Set(commands)].filter((command) => command !== 'COMMAND'))('npm run ops -- %s', (command) => {
    const args = command.match(/"[^"]*"|\S+/g)!.map((arg) => arg.replaceAll('"', ''))
    expect(() => parseOps(args)).not.toThrow()
  })
})
