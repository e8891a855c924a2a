import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { choose, count, plan, processor, seconds, table, topic } from '#millrace'

const schema = z.object({ id: z.string(), n: z.number() })
const source = topic('source', { schema, key: (value) => value.id })
const between = topic('between', { schema, key: (value) => value.id })
const target = topic('target', { schema: z.unknown() })

const counting = (generation: number) =>
  processor('counts', { generation })
    .from(between)
    .keyBy((value) => value.n)
    .aggregate({ n: count() })
    .emit('updates', { every: seconds(1) })
    .to(table('counts'))
const whole = plan([
  processor('copy').from(source).to(between),
  counting(1),
  counting(2),
  processor('other').from(source).to(target),
])
const names = (of: readonly { readonly name: string }[]) => of.map(({ name }) => name)

describe('some processors of a plan', () => {
  it('are their stages in all generations, with the topics and tables of these and no others', () => {
    const chosen = choose(whole, ['counts'])
    expect(chosen.stages.map(({ id }) => id)).toEqual(['counts-rekey', 'counts', 'counts-rekey.2', 'counts.2'])
    expect(chosen.processors.map(({ name, generation }) => [name, generation])).toEqual([
      ['counts', 1],
      ['counts', 2],
    ])
    expect(names(chosen.topics)).toEqual([
      'between',
      'millrace.counts.1.rekey',
      'millrace.counts.2.rekey',
      'millrace-parked',
    ])
    expect(chosen.tables.map(({ physicalName }) => physicalName)).toEqual(['counts', 'counts.2'])
  })

  it('know what the others write: identity headers there are believed, and no source is made of it', () => {
    const [stage] = choose(whole, ['counts']).stages
    expect(stage).toBe(whole.stages.find(({ id }) => id === 'counts-rekey'))
    expect(stage!.sourceIsOurs).toBe(true)
    expect(stage!.source.role).toBe('output')
    // Planned alone, nobody seems to write it.
    expect(plan([counting(1)]).stages[0]!.sourceIsOurs).toBe(false)
  })

  it('all of them are the plan', () => {
    expect(choose(whole, ['other', 'counts', 'copy'])).toEqual(whole)
  })

  it('one that is not there is refused, with those that are', () => {
    expect(() => choose(whole, ['copy', 'count'])).toThrow(/PROCESSORS_UNKNOWN.*"count".*copy, counts, other/)
  })
})
