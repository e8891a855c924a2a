import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { ms, processor, ruleSettings } from '#millrace'
import { card } from '../../functions/fraud/card.ts'
import { authorizations, ruleAlerts } from '../../functions/topics.ts'
import { backtestText } from '../../ops/backtest/report.ts'
import { KEPT_EVENTS_MAX } from '../../shared/engine/rules/case.ts'
import { history, line, linesOf, run, two } from './backtest-fixture.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'millrace-backtest-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

describe('bounds that a backtest has reached', () => {
  it('are told, with how much was let go', async () => {
    const busy = Array.from({ length: KEPT_EVENTS_MAX + 3 }, (_, at) => line({ cardId: 'a', amount: 1, at }))
    const found = await run({}, { history: linesOf(busy), labels: undefined })
    // By the card, and by the device.
    expect([found.keptEventsDropped, found.partialMatchesDropped]).toEqual([6, 0])
    expect(backtestText(found)).toContain('6 kept events let go at a bound, before their time (KeptEventsDropped).')
    expect(backtestText(found)).not.toContain('PartialMatchesDropped')
  })

  it('are told of partial matches', async () => {
    const chain = card.sequence('chain', {
      parameters: z.strictObject({}),
      initial: {},
      pattern: (p) =>
        p
          .begin('a', () => true)
          .next('b', () => true)
          .next('c', () => true)
          .within(ms(100))
          .bounds({ partialMatchesMax: 1 }),
      explain: () => [],
    })
    const set = card.set([chain], 'arrival')
    const settings = ruleSettings('own-settings', [set])
    const chaining = processor('chaining').from(authorizations).keyBy().rules(set, { settings }).to(ruleAlerts)
    const two = linesOf([line({ at: 1 }), line({ at: 2 })])
    const found = await run({}, { processors: [chaining, settings.processor], history: two, labels: undefined })
    expect([found.keptEventsDropped, found.partialMatchesDropped]).toEqual([0, 1])
    expect(backtestText(found)).toContain('1 partial matches given up at a bound (PartialMatchesDropped)')
  })

  it('are not told where none was', async () => {
    expect(backtestText(await run({}))).not.toContain('Dropped')
  })
})

describe('npm run backtest', () => {
  const output = join(folder, 'alerts.ndjson')
  const script = (...args: string[]) => {
    const input = file('history.ndjson', history.join('\n'))
    const given = ['ops/backtest.ts', '--input', input, '--output', output, ...args]
    return promisify(execFile)(process.execPath, given, { cwd: root }).catch((error) => error)
  }
  const rules = () => file('rules.json', JSON.stringify({ rules: { ...two.rules, 'velocity-sum': { on: false } } }))
  const live = () => file('live.json', '{}')

  it('writes the lost alerts as well, and says of each alert what became of it', async () => {
    const { stdout } = await script('--rules', rules(), '--compare', live())
    const written = readFileSync(output, 'utf8').trim().split('\n')
    const changes = written.map((each) => JSON.parse(each) as { rule: string; key: string; change: string })
    expect(changes.map(({ rule, key, change }) => `${rule} ${key} ${change}`).sort()).toEqual([
      'small-then-large a none',
      'small-then-large b gained',
      'velocity-sum c lost',
    ])
    expect(stdout).toContain(`2 alerts, and 1 that are lost, written to ${output}.`)
  }, 60_000)

  it('says nothing of changes without settings to compare with', async () => {
    await script('--rules', rules())
    expect(readFileSync(output, 'utf8')).not.toContain('"change"')
  }, 60_000)

  // With the settings of the declarations: precision 1/2, recall 4/7, F1 8/15.
  it.each([
    { title: 'reached', args: ['precision=0.5', 'recall=0.5', 'f1=0.53'], ends: 0, says: '' },
    { title: 'missed', args: ['precision=0.5', 'f1=0.54'], ends: 3, says: 'f1 is 0.533333, below 0.54.\n' },
    {
      title: 'missed twice',
      args: ['precision=0.51', 'recall=0.6'],
      ends: 3,
      says: 'precision is 0.5, below 0.51.\nrecall is 0.571429, below 0.6.\n',
    },
  ])(
    'ends with $ends where --fail-under is $title, and has written all the same',
    async ({ args, ends, says }) => {
      const given = ['--labels', 'isFraud', ...args.flatMap((each) => ['--fail-under', each])]
      const { code = 0, stdout, stderr } = await script('--rules', live(), ...given, '--json')
      expect([code, stderr]).toEqual([ends, says])
      expect(JSON.parse(stdout)).toMatchObject({ alerts: 2, keptEventsDropped: 0 })
      expect(readFileSync(output, 'utf8').trim().split('\n')).toHaveLength(2)
    },
    60_000,
  )

  it('ends with 3 where there is no figure to hold against', async () => {
    const off = { rules: { 'small-then-large': { on: false }, 'velocity-sum': { on: false } } }
    const given = ['--rules', file('off.json', JSON.stringify(off)), '--labels', 'isFraud', '--fail-under', 'f1=0']
    const { code, stderr } = await script(...given)
    expect([code, stderr]).toEqual([3, 'f1 has no value: there is nothing to divide by.\n'])
  }, 60_000)

  it.each([
    { args: ['--fail-under', 'f1=0.5'], says: '--fail-under needs --labels' },
    { args: ['--labels', 'isFraud', '--fail-under', 'f2=0.5'], says: 'precision, recall or f1' },
    { args: ['--labels', 'isFraud', '--fail-under', 'f1=50'], says: 'from 0 to 1' },
    { args: ['--labels', 'isFraud', '--fail-under', 'f1='], says: 'from 0 to 1' },
  ])(
    'ends with 2 for $args',
    async ({ args, says }) => {
      const { code, stderr } = await script('--rules', live(), ...args)
      expect([code, stderr]).toEqual([2, expect.stringContaining(says)])
    },
    60_000,
  )
})
