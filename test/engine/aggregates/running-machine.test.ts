import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { combine } from '../../../shared/engine/aggregates/aggregate.ts'
import { count } from '../../../shared/engine/aggregates/numbers.ts'
import { type Expiry, runningMachine } from '../../../shared/engine/aggregates/running-machine.ts'
import type { Machine } from '../../../shared/engine/machine.ts'
import type { State } from '../../../shared/engine/state.ts'
import { cellsOf, foldOver, reloaded, value } from '../fold-fixture.ts'
import { numRuns } from '../runs.ts'

const ALL = Number.POSITIVE_INFINITY

const machine = (everyMs: number, expiry?: Expiry) =>
  runningMachine(combine({ count: count() }), { final: false, updates: { everyMs } }, expiry) as Machine<
    unknown,
    unknown
  >

type Sent = readonly [key: string, timeMs: number]
const records = (sent: readonly Sent[]) =>
  sent.map(([address, timeMs], offset) => value(offset, timeMs, {}, { address }))

function run(made: Machine<unknown, unknown>, sent: readonly Sent[], state?: State) {
  const fold = foldOver(state, undefined, { machine: made })
  for (const record of records(sent)) fold.take(record, ALL)
  return fold
}

/** `key=count@time`, `key=gone@time`. */
const told = ({ outputs }: Pick<ReturnType<typeof run>, 'outputs'>) =>
  outputs.map(
    ({ key, value, timeMs }) =>
      `${key}=${value === null ? 'gone' : (JSON.parse(value) as { count: number }).count}@${timeMs}`,
  )

const after10: Expiry = { afterMs: 10, keepResult: false }

describe('an aggregate over all time', () => {
  it('puts out each change under its key, timed by the newest record', () => {
    expect(
      told(
        run(machine(0), [
          ['a', 5],
          ['b', 6],
          ['a', 3],
        ]),
      ),
    ).toEqual(['a=1@5', 'b=1@6', 'a=2@5'])
  })

  it('keeps a key for ever without an expiry', () => {
    const fold = run(machine(0), [['a', 5]])
    fold.advanceTo(1_000_000_000, ALL)
    expect(fold.state.size).toBe(1)
  })
})

describe('a key that expires 10 ms after its newest record', () => {
  it.each<{ title: string; sent: Sent[]; told: string[]; late?: number }>([
    {
      title: 'stays 9 ms',
      sent: [
        ['a', 0],
        ['b', 9],
      ],
      told: ['a=1@0', 'b=1@9'],
    },
    {
      title: 'goes at 10, before the record that says so',
      sent: [
        ['a', 0],
        ['b', 10],
      ],
      told: ['a=1@0', 'a=gone@10', 'b=1@10'],
    },
    {
      title: 'lives on with each record',
      sent: [
        ['a', 0],
        ['a', 9],
        ['a', 18],
        ['b', 27],
      ],
      told: ['a=1@0', 'a=2@9', 'a=3@18', 'b=1@27'],
    },
    {
      title: 'goes when it was last seen 10 ms ago',
      sent: [
        ['a', 0],
        ['a', 9],
        ['b', 50],
      ],
      told: ['a=1@0', 'a=2@9', 'a=gone@19', 'b=1@50'],
    },
    {
      title: 'does not live longer by a record of before',
      sent: [
        ['a', 5],
        ['b', 8],
        ['a', 1],
        ['b', 15],
      ],
      told: ['a=1@5', 'b=1@8', 'a=2@5', 'a=gone@15', 'b=2@15'],
    },
    {
      title: 'begins anew by its own next record',
      sent: [
        ['a', 0],
        ['a', 10],
      ],
      told: ['a=1@0', 'a=gone@10', 'a=1@10'],
    },
    {
      title: 'takes an old record while it lives',
      sent: [
        ['a', 20],
        ['a', 0],
      ],
      told: ['a=1@20', 'a=2@20'],
    },
    {
      title: 'does not begin with a record as old as that',
      sent: [
        ['b', 20],
        ['a', 10],
      ],
      told: ['b=1@20'],
      late: 1,
    },
    {
      title: 'begins with a younger one',
      sent: [
        ['b', 20],
        ['a', 11],
      ],
      told: ['b=1@20', 'a=1@11'],
    },
  ])('$title', ({ sent, told: wanted, late = 0 }) => {
    const fold = run(machine(0, after10), sent)
    expect(told(fold)).toEqual(wanted)
    expect(fold.position.counts).toMatchObject({ late, counted: sent.length - late })
  })

  it('leaves nothing behind', () => {
    const fold = run(machine(4, after10), [
      ['a', 0],
      ['b', 3],
    ])
    fold.advanceTo(100, ALL)
    expect(cellsOf(fold.state)).toEqual({})
  })

  it('does not put out what was pending and is deleted', () => {
    const fold = run(machine(20, after10), [
      ['a', 0],
      ['b', 30],
    ])
    expect(told(fold)).toEqual(['a=gone@10'])
  })

  it('with its result kept, puts out what was pending and deletes nothing', () => {
    const fold = run(machine(20, { ...after10, keepResult: true }), [
      ['a', 0],
      ['a', 1],
      ['b', 30],
    ])
    fold.advanceTo(100, ALL)
    expect(told(fold)).toEqual(['a=2@1', 'b=1@30'])
    expect(cellsOf(fold.state)).toEqual({})
  })

  it('has one timer however many records come', () => {
    const fold = run(
      machine(0, after10),
      Array.from({ length: 500 }, (_, i) => ['a', i % 10] as const),
    )
    expect(fold.state.queuedTimers).toBe(1)
  })

  it('is what the rule says of the list, over commits and reloads', () => {
    const sent = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(80)), { maxLength: 40 })
    fc.assert(
      fc.property(sent, fc.infiniteStream(fc.nat(3)), (list, cuts) => {
        let fold = run(machine(0, after10), [])
        const got: string[] = []
        for (const record of records(list)) {
          fold.take(record, ALL)
          if (cuts.next().value !== 0) continue
          got.push(...told(fold))
          fold.confirm()
          fold = foldOver(reloaded(fold.state), fold.position, { machine: machine(0, after10) })
        }
        expect([...got, ...told(fold)]).toEqual(naive(list))
      }),
      { numRuns },
    )
  })
})

/** Before each record, whoever has been silent for 10 ms goes, in order of time and key. */
function naive(list: readonly Sent[]): string[] {
  const keys = new Map<string, { count: number; newest: number }>()
  const out: string[] = []
  let streamTime = -1
  for (const [key, timeMs] of list) {
    streamTime = Math.max(streamTime, timeMs)
    const over = [...keys].filter(([, { newest }]) => newest + 10 <= streamTime)
    for (const [gone, { newest }] of over.sort(([a, x], [b, y]) => x.newest - y.newest || (a < b ? -1 : 1))) {
      keys.delete(gone)
      out.push(`${gone}=gone@${newest + 10}`)
    }
    const held = keys.get(key)
    if (held === undefined && timeMs + 10 <= streamTime) continue
    const next = { count: (held?.count ?? 0) + 1, newest: Math.max(held?.newest ?? -1, timeMs) }
    keys.set(key, next)
    out.push(`${key}=${next.count}@${next.newest}`)
  }
  return out
}
