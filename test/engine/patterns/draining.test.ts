import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Machine } from '../../../shared/engine/machine.ts'
import { compile } from '../../../shared/engine/patterns/compile.ts'
import { type RuleSpec, rulesMachine } from '../../../shared/engine/patterns/rules-machine.ts'
import { Partition } from './play.ts'
import { type Drawn, declared, drawnEvents, drawnPattern, type Letter } from './random-patterns.ts'

const numRuns = Number(process.env.MILLRACE_PATTERN_RUNS ?? 1_000) / 2

type Order = 'arrival' | { readonly grace: number }
const text = (events: readonly { step: string; offset: number }[]) =>
  events.map(({ step, offset }) => `${step}:${offset}`).join(' ')
const ruleOf = (version: number, drawn: Drawn, order: Order, drains = false): RuleSpec => ({
  name: 'r',
  version,
  compiled: compile(declared(drawn, order)),
  onMatch: (match) => `${version} ${text(match.all())}`,
  drains,
})
const machineOf = (...rules: RuleSpec[]) => rulesMachine(rules[0]!.compiled.order, rules) as Machine<Letter, string>
const firstOf = (match: string): number => Number(/:(\d+)/.exec(match)![1])

it('a rule that drains finishes what it has begun, begins nothing, and keeps nothing, beside any other that follows it', () => {
  const windowed = drawnPattern.map((drawn) => ({ ...drawn, within: drawn.within ?? 9 }))
  const unskipped = windowed.map((drawn) => ({ ...drawn, skip: 'no-skip' as const }))
  const orders = fc.constantFrom<Order>('arrival', { grace: 0 })
  fc.assert(
    fc.property(unskipped, windowed, drawnEvents, fc.nat(8), orders, (old, next, events, cut, order) => {
      const matchesOf = (deploys: boolean) => {
        const partition = new Partition<Letter, string>(machineOf(ruleOf(1, old, order)))
        events.forEach(({ kind, at }, i) => {
          if (deploys && i === cut) partition.deploy(machineOf(ruleOf(1, old, order, true), ruleOf(2, next, order)))
          partition.take({ value: { kind }, timeMs: at })
        })
        partition.fold.advanceTo(1_000_000, Number.POSITIVE_INFINITY)
        partition.commit()
        expect(partition.cells()).toEqual([])
        expect(partition.outputs.filter(({ to }) => to !== 0)).toEqual([])
        return partition.outputs.map(({ value }) => JSON.parse(value!) as string)
      }
      // In event-time order, what the last event has left waiting is not begun yet.
      const lookedAtMs = Math.max(-1, ...events.slice(0, cut).map(({ at }) => at))
      const isBegun = (offset: number) => (order === 'arrival' ? offset < cut : events[offset]!.at < lookedAtMs)
      const begun = matchesOf(false).filter((match) => cut >= events.length || isBegun(firstOf(match)))
      expect(matchesOf(true).filter((match) => match.startsWith('1 '))).toEqual(begun)
    }),
    { numRuns },
  )
})
