import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { type Alert, above, count, ms, profile, recent } from '#millrace'
import type { Machine } from '../../../shared/engine/machine.ts'
import { ruleMachine } from '../../../shared/engine/rules/rule-machine.ts'
import { State } from '../../../shared/engine/state.ts'
import { END_OF_TIME_MS } from '../../../shared/time.ts'
import { cellsOf, foldOver, outputsOf, value } from '../fold-fixture.ts'

const QUIET_MS = 10
const thing = profile<object>()({ lately: recent({ upTo: ms(1) }, { count: count() }) })
const common = { parameters: z.strictObject({}), initial: {}, quietFor: ms(QUIET_MS) }
const each = thing.rule('each', { ...common, when: ({ seen }) => above('count', seen.lately(ms(1)).count, 0) })
const chain = thing.sequence('chain', {
  ...common,
  pattern: (p) => p.begin('one', () => true).within(ms(5)),
  explain: () => [],
})

/** An event, and whether the rules are on trial when it is looked at. */
interface Moment {
  readonly at: number
  readonly shadow: boolean
}

function fold(moments: readonly Moment[]): { said: string[]; left: object } {
  const machine = ruleMachine(thing.set([each, chain], 'arrival')) as Machine<unknown, unknown>
  const now = foldOver(new State(), {}, { machine })
  moments.forEach(({ at, shadow }, i) => {
    now.pin({ version: i, value: { rules: { each: { shadow }, chain: { shadow } } } })
    now.take(value(i, at), Number.POSITIVE_INFINITY)
  })
  const alerts = outputsOf(now) as unknown as Alert[]
  const said = alerts.map(({ rule, timeMs, shadow }) => `${rule} ${shadow ? 'shadow' : 'live'} ${timeMs}`)
  now.advanceTo(END_OF_TIME_MS, Number.POSITIVE_INFINITY)
  return { said, left: cellsOf(now.state) }
}

/** From the definition: an alert is said unless one of the same rule, live or on trial as it is, was said less than the quiet time before. */
function naive(moments: readonly Moment[]): string[] {
  const quietUntil = { live: 0, shadow: 0 }
  return moments.flatMap(({ at, shadow }) => {
    const mode = shadow ? 'shadow' : 'live'
    if (at < quietUntil[mode]) return []
    quietUntil[mode] = at + QUIET_MS
    return ['each', 'chain'].map((rule) => `${rule} ${mode} ${at}`)
  })
}

const live = (at: number): Moment => ({ at, shadow: false })
const shadow = (at: number): Moment => ({ at, shadow: true })

describe('the quiet time after an alert', () => {
  it.each([
    { title: 'ends with its last ms', moments: [live(0), live(9), live(10)], said: ['live 0', 'live 10'] },
    { title: 'of a trial does not hold live alerts back', moments: [shadow(0), live(1)], said: ['shadow 0', 'live 1'] },
    { title: 'of live alerts does not hold a trial back', moments: [live(0), shadow(1)], said: ['live 0', 'shadow 1'] },
    {
      title: 'of live alerts goes on behind a trial',
      moments: [live(0), shadow(5), live(9), live(10)],
      said: ['live 0', 'shadow 5', 'live 10'],
    },
    { title: 'of a trial holds the trial back', moments: [shadow(0), shadow(9)], said: ['shadow 0'] },
  ])('$title', ({ moments, said }) => {
    const of = (rule: string) => said.map((alert) => `${rule} ${alert}`)
    const all = fold(moments).said
    expect(all.filter((alert) => alert.startsWith('each'))).toEqual(of('each'))
    expect(all.filter((alert) => alert.startsWith('chain'))).toEqual(of('chain'))
  })

  const moments = fc
    .array(fc.record({ at: fc.integer({ min: 0, max: 60 }), shadow: fc.boolean() }), { maxLength: 30 })
    .map((list) => list.sort((a, b) => a.at - b.at))
  const numRuns = Number(process.env.PROPERTY_RUNS ?? 1_000)

  it('is what its definition says, however often a rule goes on trial and back, and leaves nothing behind', () => {
    fc.assert(
      fc.property(moments, (list) => {
        expect(fold(list)).toEqual({ said: naive(list), left: {} })
      }),
      { numRuns },
    )
  })
})
