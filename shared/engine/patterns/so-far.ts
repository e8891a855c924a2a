import type { StepSpec } from './declaration.ts'
import type { AnySteps, MatchedEvent, SoFar } from './match.ts'

/**
 * Running values of one step of a partial match: its number, how many events it has taken, the numbers of the first and
 * the last; with a measure: sum, lowest and highest.
 */
export type Running = readonly [
  step: number,
  count: number,
  first: number,
  last: number,
  sum?: number,
  min?: number,
  max?: number,
]

/** The running values once `step` has taken event number `event`, whose measure (if the step has one) is `measured`. */
export function withTaken(
  running: readonly Running[],
  step: number,
  event: number,
  measured: number | undefined,
): readonly Running[] {
  const before = running.find(([of]) => of === step)
  const [, count, first, , sum, min, max] = before ?? [step, 0, event, event]
  const after: Running =
    measured === undefined
      ? [step, count + 1, first, event]
      : [
          step,
          count + 1,
          first,
          event,
          (sum ?? 0) + measured,
          Math.min(min ?? measured, measured),
          Math.max(max ?? measured, measured),
        ]
  return before === undefined ? [...running, after] : running.map((each) => (each === before ? after : each))
}

/** How a condition's questions are answered; each is asked only when a condition asks it. */
export interface Answers {
  /** All events taken, oldest first. */
  all(): readonly MatchedEvent[]
  running(): readonly Running[]
  /** Event number `event`, taken by `step`. */
  event(step: string, event: number): MatchedEvent
}

export function soFarOf(steps: readonly StepSpec[], answers: Answers): SoFar<AnySteps, string> {
  let events: readonly MatchedEvent[] | undefined
  const step = <Name extends string>(name: Name) => {
    events ??= answers.all()
    return events.filter((event) => event.step === name) as MatchedEvent<Name>[]
  }
  const running = (name: string): Running | undefined => {
    const number = steps.findIndex((each) => each.name === name)
    return answers.running().find(([of]) => of === number)
  }
  const event = <Name extends string>(name: Name, place: 2 | 3) => {
    const of = running(name)
    return of === undefined ? undefined : (answers.event(name, of[place]) as MatchedEvent<Name>)
  }
  return {
    step,
    values: (name) => step(name).map(({ value }) => value),
    count: (name) => running(name)?.[1] ?? 0,
    first: (name) => event(name, 2),
    last: (name) => event(name, 3),
    sum: (name) => running(name)?.[4] ?? 0,
    min: (name) => running(name)?.[5],
    max: (name) => running(name)?.[6],
    mean(name) {
      const of = running(name)
      return of?.[4] === undefined ? undefined : of[4] / of[1]
    },
  }
}
