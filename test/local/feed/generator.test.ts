import { describe, expect, it } from 'vitest'
import * as topics from '../../../functions/topics.ts'
import { FIRST_EVENT_MS, type GeneratorOptions, generator } from '../../../local/feed/generator.ts'
import { generatedTopics } from '../../../local/feed/makers.ts'
import type { Line } from '../../../local/feed/source.ts'

const options: GeneratorOptions = { topics: generatedTopics, events: 5_000, ratePerSecond: 100, seed: 1 }

async function lines(changes: Partial<GeneratorOptions> = {}): Promise<Line[]> {
  const all: Line[] = []
  for await (const some of generator({ ...options, ...changes }).read()) all.push(...some)
  return all
}

const values = (all: readonly Line[], topic: string): Record<string, unknown>[] =>
  all.filter((line) => line.topic === topic).map(({ content }) => JSON.parse(String(content)))

describe('generated records', () => {
  it('are the same bytes for the same seed, and others for another', async () => {
    expect(await lines()).toEqual(await lines())
    expect(await lines({ topics: [...generatedTopics].reverse() })).toEqual(await lines())
    expect(await lines({ seed: 2 })).not.toEqual(await lines())
  })

  it('only get longer with more events', async () => {
    expect((await lines()).slice(0, 700)).toEqual(await lines({ events: 700 }))
  })

  it('fit the schemas of their topics', async () => {
    const all = await lines()
    const declared = Object.values(topics).filter((each) => 'kind' in each && each.kind === 'topic')
    for (const name of generatedTopics) {
      const { schema } = declared.find((each) => each.name === name)!
      const found = values(all, name)
      expect(found.length).toBeGreaterThan(500)
      for (const value of found)
        expect((schema['~standard'].validate(value) as { issues?: unknown }).issues).toBeUndefined()
    }
  })

  it('follow the rate in event time, up to 10 s out of order, and never run ahead', async () => {
    const all = await lines()
    const lateBy = all.map(({ content }, n) => FIRST_EVENT_MS + n * 10 - JSON.parse(String(content)).at)
    expect(Math.min(...lateBy)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...lateBy)).toBeLessThanOrEqual(10_000)
    expect(lateBy.some((ms) => ms > 5_000)).toBe(true)
  })

  it('hold what the processors look for', async () => {
    const all = await lines({ events: 40_000, ratePerSecond: 1_000 })
    expect(values(all, 'events').some(({ message }) => /important/i.test(String(message)))).toBe(true)
    const amounts = new Map<unknown, number[]>()
    for (const { cardId, amount } of values(all, 'transactions'))
      amounts.set(cardId, [...(amounts.get(cardId) ?? []), Number(amount)])
    const attacked = [...amounts.values()].filter(
      (each) => each.filter((amount) => amount < 100).length >= 3 && each.some((amount) => amount > 1_000),
    )
    expect(attacked.length).toBeGreaterThan(0)
  })
})
