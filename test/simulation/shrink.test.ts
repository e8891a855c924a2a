import { describe, expect, it } from 'vitest'
import { simulationCommand } from '../../local/simulation/command.ts'
import { flagsOf, shrink } from '../../local/simulation/shrink.ts'
import { simulate } from '../../local/simulation/simulate.ts'
import type { Topology } from '../../local/simulation/topology.ts'
import { windows } from './topologies/windows.ts'

/** Fails as soon as anything comes out. */
const dumb: Topology = {
  name: 'dumb',
  scene(dice) {
    const scene = windows.scene(dice)
    return { ...scene, judge: (outcome) => (outcome.topic('spend').length > 0 ? ['it said something'] : []) }
  },
}

describe('a seed that fails', () => {
  it('is shrunk to what the failure needs: here no fault, and one record', { timeout: 60_000 }, async () => {
    const { choice, result } = await shrink(dumb, 5)
    expect(result.problems).toEqual(['it said something'])
    expect(result.struck).toEqual([])
    expect(Object.values(result.records).reduce((sum, count) => sum + count, 0)).toBe(1)
    expect((await simulate(dumb, 5, choice)).trace).toEqual(result.trace)
  })

  it.each([
    [{}, '--seeds 1 --from-seed 7'],
    [
      { without: ['slow', 'rewound'] as const, only: [3, 17], records: { 'logs-0': 2, 'logs-1': 0 } },
      '--seeds 1 --from-seed 7 --without slow,rewound --only-faults 3,17 --records logs-0=2,logs-1=0',
    ],
    [{ only: [] }, '--seeds 1 --from-seed 7 --only-faults none'],
  ])('is named by flags that run it again', (choice, flags) => {
    expect(flagsOf(7, choice)).toBe(flags)
  })
})

describe('the command', () => {
  const run = async (...argv: string[]) => {
    const lines: string[] = []
    const topologies = new URL('./topologies/index.ts', import.meta.url)
    const code = await simulationCommand(argv, { name: 'npm run x', topologies, print: (text) => lines.push(text) })
    return { code, text: lines.join('\n') }
  }

  it('says how many seeds were run, and that none failed', async () => {
    const { code, text } = await run('--seeds', '1', '--from-seed', '3', '--processor', 'patterns')
    expect(text).toMatch(/patterns +│ +1 │/)
    expect(text).toContain('1 seeds in')
    expect(code).toBe(0)
  })

  it('shows the steps of a seed with faults left out', async () => {
    const { code, text } = await run(
      '--from-seed',
      '3',
      '--processor',
      'patterns',
      '--only-faults',
      'none',
      '--records',
      'payments-0=1',
    )
    expect(text).toMatch(/detect\/\d +│ begins: tick/)
    expect(text).toContain('patterns, seed 3: every record counts once.')
    expect(code).toBe(0)
  })

  it.each([
    [['--seeds', '0'], 'It must be a whole number above 0.'],
    [['--processor', 'nobody'], 'There is no processor called "nobody". Declared are: chain, windows'],
    [['--without', 'rain'], 'There is no rain. Kinds: crash-before'],
    [['--records', 'three'], 'topic-partition=count'],
    [['--sedes', '3'], "unknown option '--sedes'"],
  ])('says what is wrong with %j', async (argv, problem) => {
    const { code, text } = await run(...argv)
    expect(text).toContain(problem)
    expect(code).toBe(2)
  })
})
