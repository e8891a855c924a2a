import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cellHash } from '../../shared/engine/hash.ts'
import { NO_WAKE, State } from '../../shared/engine/state.ts'
import { anySteps, bucketsOf, cellsOf, StateModel, type Step, takeStep, timersOf } from './state-model.ts'

const put = (state: State, name: string, value: unknown, wakeAtMs = NO_WAKE): void => {
  const [key, id] = name.split('/')
  state.put(state.ofKey(key!), id!, value, wakeAtMs)
}
const cell = (state: State, name: string) => {
  const [key, id] = name.split('/')
  return state.ofKey(key!).find(id!)
}
const changesOf = (state: State) =>
  state.changes().map(({ key, id, text, wakeAtMs }) => ({ name: `${key}/${id}`, text, wakeAtMs }))

/** A state with these cells committed; the value of each is its own name. */
function committed(timers: Record<string, number>): State {
  const state = new State()
  for (const [name, wakeAtMs] of Object.entries(timers)) put(state, name, name, wakeAtMs)
  state.confirmCommit()
  return state
}

describe('a state', () => {
  it('holds cells by key and id, and counts them and their timers', () => {
    const state = committed({ 'a/1': 10, 'a/2': NO_WAKE, 'b/1': 30 })
    expect([state.size, state.openTimers, state.touchedCells]).toEqual([3, 2, 0])
    expect(cell(state, 'a/2')!.decoded()).toBe('a/2')
    expect(cell(state, 'b/2')).toBeUndefined()
  })

  it('keeps the cells of a key in the order of their ids, in whatever order they come', () => {
    const state = new State()
    for (const id of ['m', 'a', 'z', 'c', 'b', 'y']) put(state, `k/${id}`, id)
    expect(
      state
        .ofKey('k')
        .range('')
        .map(({ id }) => id),
    ).toEqual(['a', 'b', 'c', 'm', 'y', 'z'])
  })

  it('keeps only texts between commits, so that warm and reloaded state are the same', () => {
    const state = new State()
    const value = { list: [1], gone: undefined, when: new Date(0) }
    put(state, 'a/1', value)
    state.confirmCommit()
    value.list.push(2)
    expect(cell(state, 'a/1')!.decoded()).toEqual({ list: [1], when: '1970-01-01T00:00:00.000Z' })
  })

  it.each(['confirmCommit', 'undoCommit'] as const)('holds nothing for keys without cells after %s', (end) => {
    const state = committed({ 'a/1': 10 })
    for (let n = 0; n < 100; n++) state.ofKey(`only asked for ${n}`)
    put(state, 'came/and went', 1)
    state.delete(cell(state, 'came/and went')!)
    put(state, 'b/1', 1)
    state[end]()
    expect(state.keys).toBe(end === 'confirmCommit' ? 2 : 1)
    state.delete(cell(state, 'a/1')!)
    state.confirmCommit()
    state.load({ key: 'never', id: 'there', text: undefined, wakeAtMs: NO_WAKE })
    expect(state.keys).toBe(end === 'confirmCommit' ? 1 : 0)
  })
})

describe('undoing an event', () => {
  it('brings back what the event changed and leaves the events before it', () => {
    const state = committed({ 'a/1': 10, 'a/2': 20 })
    state.beginEvent()
    put(state, 'a/1', 'earlier event', 11)
    state.beginEvent()
    put(state, 'a/1', 'x', 99)
    put(state, 'a/1', 'y')
    state.delete(cell(state, 'a/2')!)
    put(state, 'a/2', 'again', 5)
    put(state, 'b/1', 'new', 1)
    state.undoEvent()
    expect(cellsOf(state)).toEqual({
      'a/1': { text: '"earlier event"', wakeAtMs: 11 },
      'a/2': { text: '"a/2"', wakeAtMs: 20 },
    })
    expect([state.size, state.openTimers]).toEqual([2, 2])
    expect(timersOf(state)).toEqual(['11 a/1', '20 a/2'])
  })

  it('and the commit after it leaves nothing of either', () => {
    const state = committed({ 'a/1': 10 })
    put(state, 'a/1', 'x', 50)
    state.beginEvent()
    put(state, 'b/1', 'y', 60)
    state.undoEvent()
    state.undoCommit()
    expect(cellsOf(state)).toEqual({ 'a/1': { text: '"a/1"', wakeAtMs: 10 } })
    expect([state.touchedCells, state.changes()]).toEqual([0, []])
    expect(timersOf(state)).toEqual(['10 a/1'])
  })
})

describe('what a commit says', () => {
  it('is the last text and timer of each cell touched, and tombstones for those that are gone', () => {
    const state = committed({ 'a/1': 10, 'a/2': 20, 'b/1': 30 })
    put(state, 'a/1', 'first', 40)
    put(state, 'a/1', 'last', 50)
    state.delete(cell(state, 'b/1')!)
    put(state, 'c/1', 'new')
    expect(changesOf(state)).toEqual([
      { name: 'a/1', text: '"last"', wakeAtMs: 50 },
      { name: 'b/1', text: undefined, wakeAtMs: NO_WAKE },
      { name: 'c/1', text: '"new"', wakeAtMs: NO_WAKE },
    ])
  })

  it('leaves out cells that came and went within it', () => {
    const state = new State()
    put(state, 'a/1', 1, 10)
    state.delete(cell(state, 'a/1')!)
    expect(state.changes()).toEqual([])
  })

  it('say of a cell of which only the timer changed that the text is the same', () => {
    const state = committed({ 'a/1': 10, 'a/2': 20, 'a/3': 30, 'a/4': 40 })
    state.wake(cell(state, 'a/1')!, NO_WAKE)
    put(state, 'a/2', 'another', 20)
    state.delete(cell(state, 'a/3')!)
    put(state, 'a/4', 'a/4', 50)
    put(state, 'a/5', 'new')
    expect(state.changes().map(({ id, same }) => `${id} ${same}`)).toEqual([
      '1 true',
      '2 false',
      '3 false',
      '4 true',
      '5 false',
    ])
    state.confirmCommit()
    expect([...state.cells()].some(({ same }) => same)).toBe(false)
  })

  it('with the same text move the timer of a cell that is there, and nothing else', () => {
    const state = committed({ 'a/1': 10 })
    for (const id of ['1', '2']) state.load({ key: 'a', id, wakeAtMs: 99, text: undefined, same: true })
    expect(cellsOf(state)).toEqual({ 'a/1': { text: '"a/1"', wakeAtMs: 99 } })
    expect([state.size, state.keys]).toEqual([1, 1])
  })

  it('ends with the new cell when one was deleted and put again', () => {
    const state = committed({ 'a/1': 10 })
    state.delete(cell(state, 'a/1')!)
    put(state, 'a/1', 'again', 20)
    const reader = committed({ 'a/1': 10 })
    for (const change of state.changes()) reader.load(change)
    expect(cellsOf(reader)).toEqual({ 'a/1': { text: '"again"', wakeAtMs: 20 } })
  })
})

describe('timers', () => {
  it('are due in the order of time, then key, then cell', () => {
    const state = committed({ 'b/2': 10, 'b/1': 10, 'a/9': 10, 'z/1': 5, 'a/1': 20 })
    expect(timersOf(state)).toEqual(['5 z/1', '10 a/9', '10 b/1', '10 b/2', '20 a/1'])
  })

  it.each([
    [9, undefined],
    [10, 'a/1'],
    [11, 'a/1'],
  ])('due at 10 are due at %i: %s', (nowMs, name) => {
    expect(committed({ 'a/1': 10 }).due(nowMs)?.decoded()).toBe(name)
  })

  it('that were moved, cleared or whose cell is gone do not come up', () => {
    const state = committed({ 'a/1': 10, 'a/2': 20, 'a/3': 30, 'a/4': 40 })
    put(state, 'a/1', 'later', 35)
    state.wake(cell(state, 'a/2')!, NO_WAKE)
    state.delete(cell(state, 'a/3')!)
    expect(state.nextTimerMs()).toBe(35)
    expect(timersOf(state)).toEqual(['35 a/1', '40 a/4'])
  })

  it('come back with what is undone, also when the queue has forgotten them in between', () => {
    const state = committed({ 'a/1': 10, 'a/2': 20 })
    state.delete(cell(state, 'a/1')!)
    put(state, 'a/2', 'later', 90)
    expect(state.nextTimerMs()).toBe(90)
    state.undoCommit()
    expect(timersOf(state)).toEqual(['10 a/1', '20 a/2'])
  })

  it('are those of a loaded cell', () => {
    const state = committed({ 'a/1': 10, 'b/1': 20 })
    state.load({ key: 'a', id: '1', text: '1', wakeAtMs: 30 })
    state.load({ key: 'b', id: '1', text: undefined, wakeAtMs: NO_WAKE })
    expect([state.size, state.openTimers]).toEqual([1, 1])
    expect(timersOf(state)).toEqual(['30 a/1'])
  })
})

/** By the rule: the low bits of the hash of key and name. */
function bucketsByHash(model: StateModel, buckets: number): string[][] {
  const names = [...model.cells.keys()].toSorted()
  const bucketOf = (name: string) => cellHash(...(name.split('/') as [string, string])) & (buckets - 1)
  return Array.from({ length: buckets }, (_, index) => names.filter((name) => bucketOf(name) === index))
}

it('whatever is put, deleted, undone and confirmed, a state is what copies of everything would give', () => {
  fc.assert(
    fc.property(anySteps, (steps: Step[]) => {
      const [state, model, reader] = [new State(), new StateModel(), new State()]
      for (const step of steps) {
        if (step.do === 'confirm commit') for (const change of state.changes()) reader.load(change)
        takeStep(state, step)
        model.take(step)
        expect([state.size, state.openTimers]).toEqual([model.cells.size, model.timers().length])
      }
      expect(cellsOf(state)).toEqual(Object.fromEntries(model.cells))
      for (const buckets of [2, 4]) expect(bucketsOf(state, buckets)).toEqual(bucketsByHash(model, buckets))
      for (const change of state.changes()) reader.load(change)
      expect(cellsOf(reader)).toEqual(cellsOf(state))
      expect(timersOf(reader)).toEqual(model.timers())
      expect(timersOf(state)).toEqual(model.timers())
    }),
    { numRuns: 1_000 },
  )
})
