import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Aggregate } from '../../../shared/engine/aggregates/aggregate.ts'
import { collect } from '../../../shared/engine/aggregates/values.ts'
import type { Machine } from '../../../shared/engine/machine.ts'
import { PaneStacks, type Stacks } from '../../../shared/engine/windows/pane-stacks.ts'
import { Panes } from '../../../shared/engine/windows/panes.ts'
import { numRuns } from '../runs.ts'
import { type Event, play } from './play.ts'

// Order shows in it. Said to be of fixed size, so that it is stacked.
const list = { ...collect<Event, number>(1_000, ({ n }) => n), fixedSize: true } as Aggregate<unknown, unknown, object>

/** Adds `n` to the pane `at` of the key 'pane'; asks for the window [at, at + size) as the key says otherwise. */
function asking(limits: { plainPanesMax: number; suffixesMax: number }, size: number): Machine<Event, unknown> {
  const panes = new Panes(list)
  const stacks = new PaneStacks(panes, list, limits)
  return {
    signature: 'asking',
    onRecord(c, { value }) {
      panes.of(c.cells)
      const kept = c.cells.get('h') as Stacks | undefined
      if (value.n > 0) {
        panes.add(value.at, value, value.at, -1)
        const changed = stacks.changed(kept, value.at)
        if (changed !== undefined) c.cells.put('h', changed)
        else c.cells.delete('h')
        return
      }
      const merged = stacks.merge(value.at, value.at + size, kept)
      panes.deleteBelow(value.at)
      if (merged.stacks !== undefined) c.cells.put('h', merged.stacks)
      else c.cells.delete('h')
      const { values } =
        merged.state === undefined ? { values: [] } : (list.result(merged.state) as { values: number[] })
      c.emit({ values }, value.at, { start: value.at, end: value.at + size })
    },
    onTimer() {},
  }
}

const panes = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 8 })
const rounds = fc.array(fc.tuple(panes, fc.integer({ min: 1, max: 4 })), { maxLength: 20 })
const limits = fc.record({ plainPanesMax: fc.integer({ min: 1, max: 4 }), suffixesMax: fc.integer({ min: 1, max: 8 }) })

it('windows that move on come to what their panes come to in order, also where late records change what was merged', () => {
  fc.assert(
    fc.property(rounds, limits, fc.integer({ min: 1, max: 15 }), (list, limits, size) => {
      const events: Event[] = []
      const wanted: unknown[] = []
      let from = 0
      let n = 0
      for (const [ahead, step] of list) {
        for (const each of ahead) events.push({ key: 'k', at: from + each, n: ++n })
        events.push({ key: 'k', at: from, n: 0 })
        const inside = events.filter((each) => each.n > 0 && each.at >= from && each.at < from + size)
        wanted.push(inside.sort((a, b) => a.at - b.at).map((each) => each.n))
        from += step
      }
      const { outputs } = play(asking(limits, size), events, ['none', 'cold', 'crash'], { close: false })
      expect(outputs.map((text) => JSON.parse(text.replace(/^.*values:(\[.*\]).*$/, '$1')) as unknown)).toEqual(wanted)
    }),
    { numRuns },
  )
})
