import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { count, minutes, processor, seconds, sum, table, topic, tumbling } from '#millrace'
import { processors } from '../../functions/index.ts'
import { declaredTopologies } from '../../local/simulation/declared-topology.ts'
import { Dice } from '../../local/simulation/dice.ts'
import { Pool } from '../../local/simulation/pool.ts'
import { simulate } from '../../local/simulation/simulate.ts'
import { mutants } from './mutants.ts'

const MINUTES = 60_000
const SEEDS = 12
const topologies = new URL('../../local/simulation/declared.ts', import.meta.url).href

describe('the processors of functions/', () => {
  const pool = new Pool({ workers: 2, setup: { topologies } })
  afterAll(() => pool.close())

  it.each(declaredTopologies(processors, {}))(
    `$name: faults change nothing, in ${SEEDS} schedules`,
    { timeout: 2 * MINUTES },
    async ({ name }) => {
      expect((await pool.run(name, 1, SEEDS)).failures).toEqual([])
    },
  )

  it.each(['repeats are not dropped downstream', 'a commit is written without the fence'])(
    'and it shows when %s',
    { timeout: 2 * MINUTES },
    async (name) => {
      const { edits } = mutants.find((each) => each.name === name)!
      const worker = new URL('./mutant-worker.ts', import.meta.url)
      const broken = new Pool({ worker, workers: 1, setup: { topologies, edits } })
      const { failures } = await broken.run('log-counts', 1, 100)
      await broken.close()
      expect(failures).toHaveLength(1)
    },
  )
})

describe('records of a topic that nobody made a generator for', () => {
  const visit = z.object({
    page: z.string(),
    user: z.object({ id: z.string() }),
    seconds: z.int().min(0),
    at: z.number(),
  })
  const visits = topic('visits', { schema: visit, key: (v) => v.user.id, time: (v) => v.at })
  const perUser = processor('per-user')
    .from(visits)
    .keyBy()
    .aggregate({ visits: count() })
    .emit('updates', { every: seconds(1) })
    .to(table('per-user'))

  it('are made from its schema: valid, timed, and of few keys', () => {
    const [topology] = declaredTopologies([perUser], {})
    const records = topology!.scene(new Dice(1, 'input')).input.visits!.flat()
    const sound = records.flatMap(({ key, value }) =>
      value?.startsWith('{') ? [{ key, ...visit.parse(JSON.parse(value)) }] : [],
    )
    expect(sound.length).toBeGreaterThan(10)
    expect(new Set(sound.map(({ user }) => user.id)).size).toBeLessThan(7)
    expect(Math.min(...sound.map(({ at }) => at))).toBeGreaterThan(Date.UTC(2025, 11, 31))
  })

  it('run through the simulator like any other', async () => {
    const [topology] = declaredTopologies([perUser], {})
    for (let seed = 1; seed <= 5; seed++) expect((await simulate(topology!, seed)).problems).toEqual([])
  })

  it('of several sources meet, and faults change nothing', { timeout: 2 * MINUTES }, async () => {
    const call = z.object({ caller: z.string(), at: z.number() })
    const calls = topic('calls', { schema: call, time: ({ at }) => at, partitions: 2 })
    const met = processor('contacts')
      .cogroup({
        visit: (source) => source.from(visits).keyBy((v) => v.user.id.length % 3),
        call: (source) => source.from(calls).keyBy(({ caller }) => caller.length % 3),
      })
      .window(tumbling(minutes(1)).grace(seconds(10)))
      .aggregate({ contacts: count(), calls: sum(({ source }) => (source === 'call' ? 1 : 0)) })
      .to(table('contacts'))
    const [topology] = declaredTopologies([met], {})
    for (let seed = 1; seed <= SEEDS; seed++) expect((await simulate(topology!, seed)).problems).toEqual([])
  })

  it('are those of a sample, where one is given', () => {
    const sample = (_: unknown, nowMs: number) => ({ page: '/', user: { id: 'ann' }, seconds: 1, at: nowMs })
    const [topology] = declaredTopologies([perUser], { visits: sample })
    const keys = topology!
      .scene(new Dice(1, 'input'))
      .input.visits!.flat()
      .map(({ key }) => key)
    expect(keys.filter((key) => key !== 'ann' && key !== 'another key')).toEqual([])
  })

  it('cannot be made from a schema that does not tell its shape: the error says what to give', () => {
    const schema = {
      '~standard': { version: 1, vendor: 'own', validate: (value: unknown) => ({ value: value as string }) },
    } as const
    const opaque = topic('opaque', { schema, key: (text: string) => text })
    const [topology] = declaredTopologies([processor('p').from(opaque).to(topic('out', { schema }))], {})
    expect(() => topology!.scene(new Dice(1, 'input'))).toThrow(/topic opaque.*--samples FILE/)
  })
})
