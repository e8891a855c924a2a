import { expect, it } from 'vitest'
import { NO_WAKE, State } from '../../shared/engine/state.ts'

it('a key that was asked for while empty, and never committed, does not take away what others have written since', () => {
  const state = new State()
  const cell = { key: 'k', id: 'a', wakeAtMs: NO_WAKE }
  state.ofKey('k')
  state.load({ ...cell, text: undefined })
  state.load({ ...cell, text: '1' })
  state.put(state.ofKey('other'), 'a', 2, NO_WAKE)
  state.confirmCommit()
  expect([...state.cells()].map(({ key, text }) => [key, text])).toEqual([
    ['k', '1'],
    ['other', '2'],
  ])
})
