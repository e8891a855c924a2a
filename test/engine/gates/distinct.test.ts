import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countsBalance } from '../../../shared/engine/counts.ts'
import { distinctGate } from '../../../shared/engine/gates/distinct.ts'
import { behind } from '../../../shared/engine/gates/gate.ts'
import type { Machine } from '../../../shared/engine/machine.ts'
import { State } from '../../../shared/engine/state.ts'
import { cellsOf, foldOver, outputsOf, reloaded, takeAll, value } from '../fold-fixture.ts'
import { numRuns } from '../runs.ts'

const WITHIN = 10

/** Puts out what reaches it. */
const echo: Machine<unknown, unknown> = {
  signature: 'echo',
  onRecord: (c, record) => c.emit(`${(record.value as { id: string }).id}@${record.timeMs}`, record.timeMs),
  onTimer() {},
}

type Sent = readonly [id: unknown, timeMs: number, key?: string]

const foldOf = (state = new State(), idsMax = 1_000) =>
  foldOver(state, undefined, {
    machine: behind([distinctGate((each) => (each as { id: string }).id, WITHIN, idsMax)], echo),
  })

const records = (sent: readonly Sent[]) =>
  sent.map(([id, timeMs, address = 'k'], offset) => value(offset, timeMs, { id } as never, { address }))

describe('distinct within 10 ms', () => {
  it.each<{ title: string; sent: Sent[]; through: string[]; repeats: number; late: number }>([
    {
      title: 'lets a new id through',
      sent: [
        ['a', 0],
        ['b', 0],
      ],
      through: ['a@0', 'b@0'],
      repeats: 0,
      late: 0,
    },
    {
      title: 'drops a repeat at the same time',
      sent: [
        ['a', 0],
        ['a', 0],
      ],
      through: ['a@0'],
      repeats: 1,
      late: 0,
    },
    {
      title: 'drops a repeat 9 ms later',
      sent: [
        ['a', 0],
        ['a', 9],
      ],
      through: ['a@0'],
      repeats: 1,
      late: 0,
    },
    {
      title: 'lets the id through again 10 ms later',
      sent: [
        ['a', 0],
        ['a', 10],
      ],
      through: ['a@0', 'a@10'],
      repeats: 0,
      late: 0,
    },
    {
      title: 'counts from the record that was let through, not from its repeats',
      sent: [
        ['a', 0],
        ['a', 9],
        ['a', 11],
      ],
      through: ['a@0', 'a@11'],
      repeats: 1,
      late: 0,
    },
    {
      title: 'drops a repeat with an earlier time',
      sent: [
        ['a', 9],
        ['a', 3],
      ],
      through: ['a@9'],
      repeats: 1,
      late: 0,
    },
    {
      title: 'drops a repeat that arrives when stream time is past the horizon of the first',
      sent: [
        ['a', 5],
        ['b', 18],
        ['a', 9],
      ],
      through: ['a@5', 'b@18'],
      repeats: 1,
      late: 0,
    },
    {
      title: 'calls a record late that is 10 ms behind stream time',
      sent: [
        ['a', 0],
        ['b', 15],
        ['a', 5],
      ],
      through: ['a@0', 'b@15'],
      repeats: 0,
      late: 1,
    },
    {
      title: 'calls it late whatever its id',
      sent: [
        ['b', 15],
        ['c', 5],
      ],
      through: ['b@15'],
      repeats: 0,
      late: 1,
    },
    {
      title: 'judges a record that is 9 ms behind',
      sent: [
        ['b', 15],
        ['c', 6],
      ],
      through: ['b@15', 'c@6'],
      repeats: 0,
      late: 0,
    },
    {
      title: 'tells keys apart',
      sent: [
        ['a', 0, 'k'],
        ['a', 0, 'l'],
      ],
      through: ['a@0', 'a@0'],
      repeats: 0,
      late: 0,
    },
    {
      title: 'tells 1 from "1"',
      sent: [
        [1, 0],
        ['1', 0],
      ],
      through: ['1@0', '1@0'],
      repeats: 0,
      late: 0,
    },
  ])('$title', ({ sent, through, repeats, late }) => {
    const fold = foldOf()
    expect(takeAll(fold, records(sent))).toEqual(through)
    expect(fold.position.counts).toMatchObject({ counted: through.length, duplicatesDropped: repeats, late, parked: 0 })
    expect(countsBalance(fold.position.counts)).toBe(true)
  })

  it('holds an id until nothing is judged any more that could repeat it, and then nothing', () => {
    const fold = foldOf()
    takeAll(
      fold,
      records([
        ['a', 0],
        ['b', 1],
      ]),
    )
    fold.advanceTo(19, Number.POSITIVE_INFINITY)
    expect(fold.state.size).toBe(3)
    fold.advanceTo(20, Number.POSITIVE_INFINITY)
    expect(fold.state.size).toBe(2)
    fold.advanceTo(21, Number.POSITIVE_INFINITY)
    expect(cellsOf(fold.state)).toEqual({})
  })

  it('parks a record with a new id when the key holds as many as it may, until one has expired', () => {
    const fold = foldOf(new State(), 2)
    const outputs = takeAll(
      fold,
      records([
        ['a', 0],
        ['b', 5],
        ['c', 6],
        ['a', 7],
        ['c', 6, 'l'],
        ['d', 20],
      ]),
    )
    // a is held until 20: then there is room for d.
    expect(outputs).toEqual(['a@0', 'b@5', 'record 2: DISTINCT_FULL', 'c@6', 'd@20'])
    expect(fold.position.counts).toMatchObject({ counted: 4, duplicatesDropped: 1, parked: 1 })
  })

  it('forgets the id of a record that failed behind it: its retry is not a repeat', () => {
    let fails = true
    const failing: Machine<unknown, unknown> = {
      ...echo,
      onRecord(c, record) {
        if (fails) throw new Error('as told')
        echo.onRecord(c, record)
      },
    }
    const fold = foldOver(undefined, undefined, {
      machine: behind([distinctGate((each) => (each as { id: string }).id, WITHIN, 10)], failing),
    })
    const [first, retry] = records([
      ['a', 0],
      ['a', 0],
    ])
    fold.take(first!, Number.POSITIVE_INFINITY)
    fails = false
    fold.take(retry!, Number.POSITIVE_INFINITY)
    expect(outputsOf(fold)).toEqual(['record 0: CODE_FAILED', 'a@0'])
  })
})

describe('whatever the order of arrival', () => {
  const sent = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(60), fc.constantFrom('k', 'l')), {
    maxLength: 40,
  })

  it('what goes through is what the rule says of the list, also over commits and reloads', () => {
    fc.assert(
      fc.property(sent, fc.infiniteStream(fc.nat(3)), (list, cuts) => {
        let fold = foldOf()
        const through: (string | null)[] = []
        for (const record of records(list)) {
          fold.take(record, Number.POSITIVE_INFINITY)
          if (cuts.next().value !== 0) continue
          through.push(...outputsOf(fold))
          fold.confirm()
          const { position } = fold
          fold = foldOver(reloaded(fold.state), position, {
            machine: behind([distinctGate((each) => (each as { id: string }).id, WITHIN, 1_000)], echo),
          })
        }
        through.push(...outputsOf(fold))
        const naive = naiveDistinct(list)
        expect(through).toEqual(naive.through)
        expect(fold.position.counts).toMatchObject({ duplicatesDropped: naive.repeats, late: naive.late })
        fold.advanceTo(1_000, Number.POSITIVE_INFINITY)
        expect(cellsOf(fold.state)).toEqual({})
      }),
      { numRuns },
    )
  })
})

/** The rule over the whole list, with nothing ever forgotten. */
function naiveDistinct(list: readonly (readonly [string, number, string])[]) {
  const taken: (readonly [string, number, string])[] = []
  let streamTime = -1
  let repeats = 0
  let late = 0
  for (const [id, timeMs, key] of list) {
    streamTime = Math.max(streamTime, timeMs)
    if (timeMs <= streamTime - WITHIN) late++
    else if (taken.some((each) => each[0] === id && each[2] === key && timeMs < each[1] + WITHIN)) repeats++
    else taken.push([id, timeMs, key])
  }
  return { through: taken.map(([id, timeMs]) => `${id}@${timeMs}`), repeats, late }
}
