/**
 * Matches by definition: lists every way in which a sequence of events can be taken by the steps of a pattern, and keeps
 * those whose gaps follow the rules. Exponential, and shares nothing with the engine. Times are event times in order.
 */
export interface NaiveStep {
  readonly verb: 'begin' | 'next' | 'followedBy' | 'followedByAny' | 'notNext' | 'notFollowedBy'
  readonly fits: (event: string, taken: readonly string[]) => boolean
  readonly min: number
  readonly max: number
  readonly optional: boolean
  readonly greedy: boolean
  readonly inner: 'relaxed' | 'strict' | 'any'
  readonly until: ((event: string) => boolean) | undefined
}

export interface NaivePattern {
  readonly steps: readonly NaiveStep[]
  readonly within: number
  readonly skip: 'no-skip' | 'to-next' | 'past-last-event' | { readonly toFirst: number } | { readonly toLast: number }
}

export interface NaiveEvent {
  readonly kind: string
  readonly at: number
}

/** What was taken: event, step, and the how-manieth event of the step it is. */
interface Took {
  readonly event: number
  readonly step: number
  readonly round: number
}
type Path = readonly Took[]

/** A way on from a path: which step takes next. */
interface Way {
  readonly step: number
  readonly inside: boolean
  readonly nots: readonly NaiveStep[]
  /** Looked for at the very next event. */
  readonly notNext: NaiveStep | undefined
  /** Greedy loop before the step that leaves it nothing of its own. */
  readonly reserve: NaiveStep | undefined
}

interface Complete {
  readonly path: Path
  /** Event at which the match was complete; the number of events for the end of its window. */
  readonly at: number
}

export function naiveMatches(pattern: NaivePattern, events: readonly NaiveEvent[]): string[] {
  return new Naive(pattern, events).run()
}

const isNot = (step: NaiveStep): boolean => step.verb === 'notNext' || step.verb === 'notFollowedBy'
const isElastic = (step: NaiveStep): boolean => step.max > step.min

class Naive {
  readonly #steps: readonly NaiveStep[]
  readonly #events: readonly NaiveEvent[]
  readonly #pattern: NaivePattern
  readonly #paths: Path[] = []
  readonly #complete: Complete[] = []
  readonly #out: string[] = []
  #waiting: Complete[] = []
  #gone = -1

  constructor(pattern: NaivePattern, events: readonly NaiveEvent[]) {
    this.#pattern = pattern
    this.#steps = pattern.steps
    this.#events = events
  }

  run(): string[] {
    for (let event = 0; event < this.#events.length; event++) this.#begin(event)
    const ended = new Set<number>()
    for (let event = 0; event < this.#events.length; event++) {
      this.#endWindows(ended, event - 1, this.#events[event]!.at)
      this.#waiting.push(
        ...this.#sorted(this.#complete.filter((match) => match.at === event && this.#counts(match.path))),
      )
      this.#settle(ended, event)
    }
    this.#endWindows(ended, this.#events.length - 1, Number.POSITIVE_INFINITY)
    return this.#out
  }

  // Every way to take events

  #begin(event: number): void {
    for (let step = 0; step < this.#steps.length; step++) {
      if (isNot(this.#steps[step]!)) return
      const reserve = step > 0 ? this.#reserving(step - 1) : undefined
      const way: Way = { step, inside: false, nots: [], notNext: undefined, reserve }
      if (this.#takes([], way, event, event)) this.#extend([{ event, step, round: 1 }])
      if (!this.#steps[step]!.optional) return
    }
  }

  #extend(path: Path): void {
    this.#paths.push(path)
    const last = path.at(-1)!
    const mayEnd = last.round >= this.#steps[last.step]!.min
    const rest = this.#steps.slice(last.step + 1)
    if (mayEnd && rest.every((step) => step.optional)) this.#complete.push({ path, at: last.event })
    if (mayEnd && rest.length > 0 && rest.every(isNot)) this.#absence(path, rest)
    for (const way of this.#ways(path)) this.#extendBy(path, way)
  }

  #extendBy(path: Path, way: Way): void {
    const first = path.at(-1)!.event + 1
    for (let event = first; event < this.#events.length && this.#inTime(path, event); event++) {
      if (this.#takes(path, way, event, first)) {
        const round = way.inside ? path.at(-1)!.round + 1 : 1
        const longer: Path = [...path, { event, step: way.step, round }]
        const stopped = way.nots.some((not) => this.#fits(not, path, event))
        if (!stopped) this.#extend(longer)
        else if (round >= this.#steps[way.step]!.min && this.#steps.slice(way.step + 1).every((step) => step.optional))
          this.#complete.push({ path: longer, at: event })
      }
      if (!this.#passes(path, way, event, first)) return
    }
  }

  #ways(path: Path): Way[] {
    const last = path.at(-1)!
    const step = this.#steps[last.step]!
    const ways: Way[] = []
    const directly: NaiveStep[] = []
    for (let i = last.step + 1; i < this.#steps.length && isNot(this.#steps[i]!); i++)
      if (this.#steps[i]!.verb === 'notFollowedBy') directly.push(this.#steps[i]!)
    const after = this.#steps[last.step + 1]
    const notNext = last.round >= step.min && after?.verb === 'notNext' ? after : undefined
    if (last.round < step.max) ways.push({ step: last.step, inside: true, nots: directly, notNext, reserve: undefined })
    if (last.round < step.min) return ways
    const nots: NaiveStep[] = []
    let reserve = this.#reserving(last.step)
    for (let i = last.step + 1; i < this.#steps.length; i++) {
      const next = this.#steps[i]!
      if (isNot(next)) {
        if (next.verb === 'notFollowedBy') nots.push(next)
        continue
      }
      ways.push({ step: i, inside: false, nots, notNext, reserve })
      if (!next.optional) break
      reserve = this.#reserving(i)
    }
    return ways
  }

  #reserving(step: number): NaiveStep | undefined {
    return this.#steps[step]!.greedy && isElastic(this.#steps[step]!) ? this.#steps[step] : undefined
  }

  #takes(path: Path, way: Way, event: number, first: number): boolean {
    const step = this.#steps[way.step]!
    return (
      this.#fits(step, path, event) &&
      !step.until?.(this.#events[event]!.kind) &&
      this.#leaves(path, way, event, first) &&
      this.#notRuledOut(path, way, event, first)
    )
  }

  #passes(path: Path, way: Way, event: number, first: number): boolean {
    const step = this.#steps[way.step]!
    if (way.nots.some((not) => this.#fits(not, path, event))) return false
    if (!this.#leaves(path, way, event, first) || !this.#notRuledOut(path, way, event, first)) return false
    if (way.inside && step.until?.(this.#events[event]!.kind)) return false
    const contiguity = way.inside
      ? step.inner
      : step.verb === 'next'
        ? 'strict'
        : step.verb === 'followedByAny'
          ? 'any'
          : 'relaxed'
    return contiguity === 'any' || (contiguity === 'relaxed' && !this.#fits(step, path, event))
  }

  /** What a greedy loop could take is not for the step after it, unless the loop was ended by its until. */
  #leaves(path: Path, { reserve, notNext }: Way, event: number, first: number): boolean {
    if (reserve === undefined || this.#ended(reserve, first, event)) return true
    if (notNext !== undefined && event !== first && reserve === this.#steps[path.at(-1)!.step]) return true
    return !this.#fits(reserve, path, event)
  }

  /** The loop's until has come in the events from `first` to `last`. */
  #ended(loop: NaiveStep, first: number, last: number): boolean {
    return this.#events.slice(first, last + 1).some((event) => loop.until?.(event.kind))
  }

  #notRuledOut(path: Path, { notNext, inside }: Way, event: number, first: number): boolean {
    if (notNext === undefined || event !== first || !this.#fits(notNext, path, event)) return true
    const loop = this.#reserving(path.at(-1)!.step)
    return inside && loop !== undefined && !loop.until?.(this.#events[event]!.kind) && this.#fits(loop, path, event)
  }

  /** The pattern ends with NOTs: complete one event later, or when the window ends. */
  #absence(path: Path, rest: readonly NaiveStep[]): void {
    const first = path.at(-1)!.event + 1
    const reserve = this.#reserving(path.at(-1)!.step)
    const notNext = rest[0]!.verb === 'notNext' ? rest[0] : undefined
    const way: Way = { step: -1, inside: false, nots: [], notNext, reserve }
    const clean = (event: number): boolean =>
      this.#leaves(path, way, event, first) && !rest.some((not) => this.#fits(not, path, event))
    if (notNext !== undefined) {
      if (first < this.#events.length && this.#inTime(path, first) && clean(first))
        this.#complete.push({ path, at: first })
      return
    }
    let event = first
    while (event < this.#events.length && this.#inTime(path, event) && clean(event)) event++
    if (event === this.#events.length || !this.#inTime(path, event))
      this.#complete.push({ path, at: this.#events.length })
  }

  #fits(step: NaiveStep, path: Path, event: number): boolean {
    return step.fits(
      this.#events[event]!.kind,
      path.map((took) => this.#events[took.event]!.kind),
    )
  }

  #inTime(path: Path, event: number): boolean {
    return this.#events[event]!.at - this.#events[path[0]!.event]!.at < this.#pattern.within
  }

  // Which go out, and when

  /** A partial match is alive after `event` if some way on has let pass all since its last event. */
  #alive(path: Path, event: number): boolean {
    const last = path.at(-1)!
    if (last.event > event) return false
    const passed = Array.from({ length: event - last.event }, (_, i) => last.event + 1 + i)
    const rest = this.#steps.slice(last.step + 1)
    if (rest.length > 0 && rest.every(isNot) && last.round >= this.#steps[last.step]!.min) {
      const reserve = this.#reserving(last.step)
      const clean = passed.every(
        (each) =>
          !rest.some((not) => this.#fits(not, path, each)) &&
          (reserve === undefined || this.#ended(reserve, last.event + 1, each) || !this.#fits(reserve, path, each)),
      )
      if (clean && (rest[0]!.verb === 'notFollowedBy' || passed.length === 0)) return true
    }
    return this.#ways(path).some((way) => passed.every((each) => this.#passes(path, way, each, last.event + 1)))
  }

  #counts(path: Path): boolean {
    return path[0]!.event > this.#gone
  }

  #endWindows(ended: Set<number>, event: number, now: number): void {
    for (let start = 0; start <= event; start++) {
      if (ended.has(start) || now - this.#events[start]!.at < this.#pattern.within) continue
      ended.add(start)
      const absences = this.#complete.filter(
        (match) => match.at === this.#events.length && match.path[0]!.event === start && this.#counts(match.path),
      )
      if (now === Number.POSITIVE_INFINITY && this.#pattern.within === Number.POSITIVE_INFINITY) continue
      this.#waiting.push(...this.#sorted(absences))
      this.#settle(ended, event)
    }
  }

  #settle(ended: ReadonlySet<number>, event: number): void {
    const { skip } = this.#pattern
    for (;;) {
      const match = this.#waiting.toSorted((a, b) => a.path[0]!.event - b.path[0]!.event)[0]
      if (match === undefined) return
      const start = match.path[0]!.event
      const older = this.#paths.some(
        (path) =>
          this.#counts(path) && path[0]!.event < start && !ended.has(path[0]!.event) && this.#alive(path, event),
      )
      if (skip !== 'no-skip' && older) return
      this.#waiting = this.#waiting.filter((each) => each !== match)
      this.#out.push(match.path.map((took) => `${took.step}:${took.event}`).join(' '))
      this.#gone = Math.max(this.#gone, this.#discards(match.path))
      this.#waiting = this.#waiting.filter((each) => this.#counts(each.path))
    }
  }

  /** The last first event that is discarded; -1: none. */
  #discards(path: Path): number {
    const { skip } = this.#pattern
    if (skip === 'no-skip') return -1
    if (skip === 'to-next') return path[0]!.event
    if (skip === 'past-last-event') return path.at(-1)!.event
    const target =
      'toFirst' in skip
        ? path.find((took) => took.step === skip.toFirst)
        : path.findLast((took) => took.step === skip.toLast)
    return target === undefined ? -1 : target.event - 1
  }

  /** By first event; then, at the first event that they treat differently, the one that is in the earlier step, taking before passing. */
  #sorted(matches: readonly Complete[]): Complete[] {
    return matches.toSorted((a, b) => {
      const byStart = a.path[0]!.event - b.path[0]!.event
      if (byStart !== 0) return byStart
      for (let event = a.path[0]!.event; event < this.#events.length; event++) {
        const difference = treatment(a.path, event) - treatment(b.path, event)
        if (difference !== 0) return difference
      }
      return 0
    })
  }
}

function treatment(path: Path, event: number): number {
  const next = path.find((took) => took.event >= event)
  if (next === undefined) return Number.MAX_SAFE_INTEGER
  const previous = path[path.indexOf(next) - 1]
  const inside = previous !== undefined && previous.step === next.step
  return next.step * 4 + (inside ? 0 : 2) + (next.event === event ? 0 : 1)
}
