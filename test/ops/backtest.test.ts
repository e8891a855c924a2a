import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { hours, processor, ruleSettings } from '#millrace'
import { card } from '../../functions/fraud/card.ts'
import { processors } from '../../functions/index.ts'
import { authorizations, ruleAlerts } from '../../functions/topics.ts'
import { history, line, linesOf, run, two } from './backtest-fixture.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'millrace-backtest-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a backtest', () => {
  it('scores each rule, and all of them, against the labels', async () => {
    const found = await run({})
    expect([found.read, found.processors]).toEqual([10, 2])
    // By each of the two processors that look at the history.
    expect([found.parked, found.parkedFor]).toEqual([2, [{ reason: 'NOT_JSON', detail: expect.any(String), count: 2 }]])
    expect(Object.keys(found.rules)).toEqual(['small-then-large', 'velocity-sum'])
    expect(found.rules['small-then-large']).toMatchObject({
      alerts: 1,
      perDay: 0.5,
      valueAtRisk: 1_518,
      labelled: { right: 1, precision: 1, recall: 4 / 7, fraudEvents: 7, caughtEvents: 4, missedValue: 2_517 },
    })
    expect(found.rules['velocity-sum']!.labelled).toMatchObject({ right: 0, precision: 0, recall: 0, f1: null })
    expect(found.total).toMatchObject({ alerts: 2, perDay: 1, valueAtRisk: 7_518 })
    // Precision 1/2, recall 4/7: 2 × 1/2 × 4/7 / (1/2 + 4/7) = 8/15.
    expect(found.total.labelled!.f1).toBeCloseTo(8 / 15, 12)
  })

  it('says which alerts a change of the settings gains and loses', async () => {
    const { compared, total } = await run(
      { ...two, rules: { ...two.rules, 'velocity-sum': { on: false } } },
      { otherSettings: {} },
    )
    expect(compared!.gained.map(({ rule, key }) => [rule, key])).toEqual([['small-then-large', 'b']])
    expect(compared!.lost.map(({ rule, key }) => [rule, key])).toEqual([['velocity-sum', 'c']])
    expect(total.labelled).toMatchObject({ precision: 1, recall: 1, f1: 1, missedValue: 0 })
  })

  it('counts alerts of rules on trial apart', async () => {
    const { total } = await run({ rules: { 'small-then-large': { shadow: true } } })
    expect(total).toMatchObject({ alerts: 2, shadow: 1 })
  })

  it('needs no labels', async () => {
    const { total } = await run({}, { labels: undefined })
    expect(total.labelled).toBeUndefined()
  })

  it('compares with settings that are none only if that is what they are', async () => {
    await expect(run({}, { otherSettings: null as never })).rejects.toThrow(/SETTINGS_INVALID/)
    expect((await run({}, { otherSettings: {} })).compared).toMatchObject({ gained: [], lost: [] })
  })

  it.each([
    { labels: 'isfraud', value: 'amount', says: '"isfraud"' },
    { labels: undefined, value: 'amuont', says: '"amuont"' },
  ])('refuses a field that no line has: $says', async ({ says, ...fields }) => {
    await expect(run({}, fields)).rejects.toThrow(`USAGE: No line of the history has a field ${says}`)
  })

  it('is refused where no processor has rules with settings', async () => {
    const others = processors.filter(({ draft }) => draft.settings === undefined)
    await expect(run({}, { processors: others })).rejects.toThrow(/USAGE: No processor runs rules with settings/)
  })

  it('counts, and names with its reason, what is parked when time ends', async () => {
    const fails = card.rule('fails', {
      parameters: z.strictObject({}),
      initial: {},
      when: () => {
        throw new RangeError('as told')
      },
    })
    const set = card.set([fails], { grace: hours(1) })
    const settings = ruleSettings('own-settings', [set])
    const failing = processor('failing').from(authorizations).keyBy().rules(set, { settings }).to(ruleAlerts)
    const found = await run(
      {},
      { processors: [failing, settings.processor], history: linesOf([line({ at: 5 })]), labels: undefined },
    )
    expect([found.read, found.parked]).toEqual([1, 1])
    expect(found.parkedFor).toEqual([
      { reason: 'CODE_FAILED', detail: expect.stringContaining('RangeError'), count: 1 },
    ])
  })

  it('names the records of the history also for a rule that sees them re-keyed', async () => {
    const cards = ['a', 'b', 'c', 'd', 'e']
    const shared = cards.map((cardId, i) => line({ cardId, deviceId: 'one', at: i }))
    const found = await run({}, { history: linesOf(shared), labels: undefined })
    const [alert] = found.alerts.filter(({ rule }) => rule === 'many-cards')
    expect(alert!.events.map(({ topic }) => topic)).toEqual(cards.map(() => 'authorizations'))
    expect(found.rules['many-cards']!.valueAtRisk).toBe(100)
  })
})

describe('npm run backtest', () => {
  const script = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['ops/backtest.ts', ...args], { cwd: root }).catch((error) => error)
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }

  it('prints a table and writes the alerts', async () => {
    const alerts = join(folder, 'alerts.ndjson')
    const input = file('history.ndjson', history.join('\n'))
    const rules = file('rules.json', JSON.stringify(two))
    const given = ['--rules', rules, '--input', input, '--labels', 'isFraud', '--output', alerts]
    const { stdout } = await script(...given, '--compare', file('live.json', '{}'))
    expect(stdout).toMatch(/small-then-large\s*│\s*2 /)
    expect(stdout).toContain('7 of 7 labelled events caught')
    // Three alerts in two days.
    expect(stdout).toMatch(/ all\s*│\s*3 │\s*0 │\s*1\.5 │/)
    // With the settings to compare with: an attack less.
    expect(stdout).toMatch(/ all, compared with\s*│\s*2 │\s*0 │\s*1 │/)
    expect(stdout).toContain('10 records of the history, looked at by 2 processors: 2 parked, 0 late.')
    expect(stdout).toMatch(/2 parked for NOT_JSON: /)
    expect(stdout).toMatch(
      /gained: small-then-large of b at 1970-01-01T00:00:12\.000Z, small-then-large\/authorizations/,
    )
    const written = readFileSync(alerts, 'utf8').trim().split('\n')
    expect(written.map((each) => JSON.parse(each).rule).sort()).toEqual([
      'small-then-large',
      'small-then-large',
      'velocity-sum',
    ])
  }, 60_000)

  it.each([
    { title: 'settings that do not fit the rules', rules: '{"rules":{"typo":{}}}', says: 'SETTINGS_INVALID' },
    { title: 'settings that are not JSON', rules: '{', says: 'cannot be read as JSON' },
    {
      title: 'an output in a folder that is not there',
      rules: '{}',
      says: 'nowhere/alerts.ndjson cannot be written',
      more: ['--output', join(folder, 'nowhere', 'alerts.ndjson')],
    },
    {
      title: 'an output that is a folder',
      rules: '{}',
      says: 'it is a folder',
      more: ['--output', folder],
    },
  ])(
    'ends with 2 for $title',
    async ({ rules, says, more = [] }) => {
      const input = file('history.ndjson', history.join('\n'))
      const { code, stderr } = await script('--rules', file('rules.json', rules), '--input', input, ...more)
      expect([code, stderr]).toEqual([2, expect.stringContaining(says)])
    },
    60_000,
  )
})
