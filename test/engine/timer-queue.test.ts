import { describe, expect, it } from 'vitest'
import { KeyCells } from '../../shared/engine/key-cells.ts'
import { Cell, NO_WAKE, State } from '../../shared/engine/state.ts'
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

  it('does not grow with a timer that moves to earlier again and again', () => {
    const state = new State()
    for (let n = 0; n < 10_000; n++) state.put(state.ofKey('k'), 'w', n, 1_000_000 - n)
    expect(state.queuedTimers).toBeLessThan(3_000)
    expect(timersOf(state)).toEqual(['990001 k/w'])
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

  it('skips the entry of a cell that is gone', () => {
    const { queue, cells } = queueOf('gone')
    cells[0]!.alive = false
    expect(queue.due(100)).toBeUndefined()
  })

  it.each([
    ['later', 20],
    ['earlier', 5],
  ])('finds a timer that was moved to %s at its new time, and only there', (_, atMs) => {
    const { queue, cells } = queueOf('moved', 'fixed')
    const [moved, fixed] = cells as [Cell, Cell]
    moved.wakeAtMs = atMs
    queue.set(moved)
    expect(queue.due(4)).toBeUndefined()
    const [first, second] = atMs < 10 ? [moved, fixed] : [fixed, moved]
    expect(queue.due(19)).toBe(first)
    first.wakeAtMs = NO_WAKE
    expect(queue.due(second.wakeAtMs - 1)).toBeUndefined()
    expect(queue.due(20)).toBe(second)
    second.wakeAtMs = NO_WAKE
    expect([queue.due(100), queue.size]).toEqual([undefined, 0])
  })
})

/** A queue with timers at 10. */
function queueOf(...ids: readonly string[]): { queue: TimerQueue; cells: Cell[] } {
  const queue = new TimerQueue()
  const cells = ids.map((id) => new Cell(new KeyCells('k'), id, '1', 10))
  for (const cell of cells) queue.set(cell)
  return { queue, cells }
}
