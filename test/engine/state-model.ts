import * as fc from 'fast-check'
import { NO_WAKE, type State } from '../../shared/engine/state.ts'

/** One cell as a plain value: its text and its timer. */
type Plain = Map<string, { text: string; wakeAtMs: number }>

interface Put {
  readonly do: 'put' | 'put text'
  readonly key: string
  readonly id: string
  readonly value: number
  readonly wakeAtMs: number
}
interface Change {
  readonly do: 'delete' | 'clear timer'
  readonly key: string
  readonly id: string
}
const controls = [
  'begin event',
  'undo event',
  'confirm commit',
  'undo commit',
  'look for timers',
  'look into a bucket',
] as const
interface Control {
  readonly do: (typeof controls)[number]
}
export type Step = Put | Change | Control

const key = fc.constantFrom('a', 'b', 'c')
const id = fc.constantFrom('1', '2', '3')
const wakeAtMs = fc.constantFrom(NO_WAKE, 10, 20, 30)
const put = { key, id, value: fc.integer({ min: 0, max: 9 }), wakeAtMs }

export const anySteps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('put' as const, 'put text' as const), ...put }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('delete' as const, 'clear timer' as const), key, id }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom(...controls) }) },
  ),
  { maxLength: 60 },
)

/** Undo by copies of everything: what the state's undo logs must come to. */
export class StateModel {
  cells: Plain = new Map()
  #atEvent: Plain = new Map()
  #atCommit: Plain = new Map()

  take(step: Step): void {
    if (step.do === 'put' || step.do === 'put text')
      this.cells.set(`${step.key}/${step.id}`, { text: String(step.value), wakeAtMs: step.wakeAtMs })
    else if (step.do === 'delete') this.cells.delete(`${step.key}/${step.id}`)
    else if (step.do === 'clear timer') {
      const cell = this.cells.get(`${step.key}/${step.id}`)
      if (cell !== undefined) this.cells.set(`${step.key}/${step.id}`, { ...cell, wakeAtMs: NO_WAKE })
    } else if (step.do === 'undo event') this.cells = new Map(this.#atEvent)
    else if (step.do === 'undo commit') this.cells = new Map(this.#atCommit)
    if (step.do === 'begin event' || step.do === 'confirm commit' || step.do === 'undo commit')
      this.#atEvent = new Map(this.cells)
    if (step.do === 'confirm commit') this.#atCommit = new Map(this.cells)
  }

  /** Open timers in the order (time, key, cell). */
  timers(): string[] {
    const open = [...this.cells].filter(([, { wakeAtMs }]) => wakeAtMs !== NO_WAKE)
    return open.map(([name, { wakeAtMs }]) => `${wakeAtMs} ${name}`).toSorted()
  }
}

export function takeStep(state: State, step: Step): void {
  if ('key' in step) changeCell(state, step)
  else controlOf(state)[step.do]()
}

function changeCell(state: State, step: Put | Change): void {
  const owner = state.ofKey(step.key)
  const cell = owner.find(step.id)
  if (step.do === 'put') state.put(owner, step.id, step.value, step.wakeAtMs)
  else if (step.do === 'put text') state.putText(owner, step.id, String(step.value), step.wakeAtMs)
  else if (cell !== undefined && step.do === 'delete') state.delete(cell)
  else if (cell !== undefined) state.wake(cell, NO_WAKE)
}

const controlOf = (state: State): Record<Control['do'], () => void> => ({
  'begin event': () => state.beginEvent(),
  'undo event': () => state.undoEvent(),
  'confirm commit': () => state.confirmCommit(),
  'undo commit': () => state.undoCommit(),
  'look for timers': () => void state.nextTimerMs(),
  'look into a bucket': () => void state.bucket(1, 2),
})

/** All cells by `key/id`, as texts; leaves the state alone. */
export function cellsOf(state: State): Record<string, { text: string; wakeAtMs: number }> {
  const cells = [...state.cells()].map((cell) => [
    `${cell.key}/${cell.id}`,
    { text: cell.encoded(), wakeAtMs: cell.wakeAtMs },
  ])
  return Object.fromEntries(cells)
}

/** The names of the cells of each of so many buckets, as `key/id`. */
export const bucketsOf = (state: State, buckets: number): string[][] =>
  Array.from({ length: buckets }, (_, index) =>
    state
      .bucket(index, buckets)
      .map(({ key, id }) => `${key}/${id}`)
      .toSorted(),
  )

/** Takes the timers off one by one, in the order they would fire. Ends the state. */
export function timersOf(state: State): string[] {
  const timers: string[] = []
  for (let due = state.due(Infinity); due !== undefined; due = state.due(Infinity)) {
    timers.push(`${due.wakeAtMs} ${due.key}/${due.id}`)
    state.wake(due, NO_WAKE)
  }
  return timers
}
