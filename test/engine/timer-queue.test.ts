import { describe, expect, it } from 'vitest'
import { KeyCells } from '../../shared/engine/key-cells.ts'
import { Cell, State } from '../../shared/engine/state.ts'
import { TimerQueue } from '../../shared/engine/timer-queue.ts'
import { timersOf } from './state-model.ts'

describe('the timer queue', () => {
  it('does not grow with timers that move on and on, as those of sessions do', () => {
    const state = new State()
    const owner = state.ofKey('k')
    for (let n = 0; n < 20; n++) state.put(owner, `fixed-${n}`, 1, 1_000_000 + n)
    for (let n = 0; n < 50_000; n++) state.put(owner, 'session', n, 2_000_000 + n)
    expect(state.openTimers).toBe(21)
    expect(state.queuedTimers).toBeLessThan(3_000)
    const fixed = Array.from({ length: 20 }, (_, n) => `${1_000_000 + n} k/fixed-${n}`).toSorted()
    expect(timersOf(state)).toEqual([...fixed, '2049999 k/session'])
  })

  it('does not grow with commits that are undone', () => {
    const state = new State()
    for (let n = 0; n < 100; n++) state.put(state.ofKey(`k${n}`), 'w', 1, n)
    state.confirmCommit()
    for (let attempt = 0; attempt < 1_000; attempt++) {
      for (let n = 0; n < 100; n++) state.put(state.ofKey(`k${n}`), 'w', 2, attempt % 2 === 0 ? n : n + 1_000)
      state.undoCommit()
    }
    expect([state.openTimers, state.due(0)?.key]).toEqual([100, 'k0'])
    expect(state.queuedTimers).toBeLessThan(3_000)
    expect(timersOf(state)).toHaveLength(100)
  })

  it('skips an entry whose cell is gone or wakes at another time', () => {
    const queue = new TimerQueue()
    const [gone, moved] = ['gone', 'moved'].map((id) => new Cell(new KeyCells('k'), id, '1', 10)) as [Cell, Cell]
    queue.add(gone)
    queue.add(moved)
    gone.alive = false
    moved.wakeAtMs = 20
    expect(queue.due(100)).toBeUndefined()
    queue.add(moved)
    expect(queue.due(19)).toBeUndefined()
    expect(queue.due(20)).toBe(moved)
  })
})
