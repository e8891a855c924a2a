import {
  type After,
  after,
  beginnings,
  type NaivePart,
  type NaiveStep,
  type NotNext,
  type Place,
  type Way,
} from './naive-ways.ts'

/**
 * Matches by definition: lists every way in which a sequence of events can be taken by the steps of a pattern, and keeps
 * those whose gaps follow the rules. Exponential, and shares nothing with the engine. Times are event times in order.
 */
export interface NaivePattern {
  readonly parts: readonly NaivePart[]
  readonly within: number
  readonly skip: 'no-skip' | 'to-next' | 'past-last-event' | { readonly toFirst: number } | { readonly toLast: number }
}

export interface NaiveEvent {
  readonly kind: string
  readonly at: number
}

/** What is found, as `step:event step:event …`. */
export interface NaiveFound {
  readonly matches: string[]
  /** With the time of the end: `1:0 2:3 @17`. */
  readonly timedOut: string[]
}

/** What was taken: event, step, and which of the ways on it was. */
interface Took {
  readonly event: number
  readonly step: number
  readonly way: number
}

/** Events taken so far. */
interface Path {
  readonly took: readonly Took[]
  readonly place: Place
  readonly after: After
}

interface Complete {
  readonly took: readonly Took[]
  /** Event at which the match was complete. */
  readonly at: number
}

/** A path with one of its ways on, as it waits for that. */
interface Head {
  readonly took: readonly Took[]
  readonly endMs: number
  readonly pending: boolean
}

export const naiveFound = (pattern: NaivePattern, events: readonly NaiveEvent[]): NaiveFound =>
  new Naive(pattern, events).run()

class Naive {
  readonly #events: readonly NaiveEvent[]
  readonly #pattern: NaivePattern
  readonly #paths: Path[] = []
  readonly #complete: Complete[] = []
  readonly #found: NaiveFound = { matches: [], timedOut: [] }
  #waiting: Complete[] = []
  #gone = -1

  constructor(pattern: NaivePattern, events: readonly NaiveEvent[]) {
    this.#pattern = pattern
    this.#events = events
  }

  run(): NaiveFound {
    for (let event = 0; event < this.#events.length; event++)
      for (const [way, each] of beginnings(this.#pattern.parts).entries())
        if (this.#takes([], each, event, event, [])) this.#extend([{ event, step: each.step.number, way }], each.place)
    let lastMs = Number.NEGATIVE_INFINITY
    for (let event = 0; event < this.#events.length; event++) {
      const nowMs = this.#events[event]!.at
      this.#end(event - 1, lastMs, nowMs)
      lastMs = nowMs
      this.#waiting.push(...sorted(this.#complete.filter((match) => match.at === event && this.#counts(match.took))))
      this.#settle(event, nowMs)
    }
    this.#end(this.#events.length - 1, lastMs, Number.MAX_VALUE)
    return this.#found
  }

  // Every way to take events

  #extend(took: readonly Took[], place: Place): void {
    const path: Path = { took, place, after: after(place) }
    const { ways, complete, absence, notNexts } = path.after
    this.#paths.push(path)
    if (complete) this.#complete.push({ took, at: took.at(-1)!.event })
    const first = took.at(-1)!.event + 1
    if (absence !== undefined && notNexts.length > 0 && first < this.#events.length && this.#inTime(took, first))
      if (this.#clean(path, first)) this.#complete.push({ took, at: first })
    for (const [way, each] of ways.entries()) this.#extendBy(path, each, way)
  }

  #extendBy(path: Path, way: Way, index: number): void {
    const { took } = path
    const first = took.at(-1)!.event + 1
    for (let event = first; event < this.#events.length && this.#inTime(took, event); event++) {
      if (this.#takes(took, way, event, first, path.after.notNexts)) {
        const longer = [...took, { event, step: way.step.number, way: index }]
        if (!this.#stopped(path, way, event)) this.#extend(longer, way.place)
        else if (after(way.place).complete) this.#complete.push({ took: longer, at: event })
      }
      if (!this.#passes(path, way, event)) return
    }
  }

  #takes(took: readonly Took[], way: Way, event: number, first: number, notNexts: readonly NotNext[]): boolean {
    const { kind } = this.#events[event]!
    return (
      this.#fits(way.step, took, event) &&
      !way.step.until?.(kind) &&
      !way.groupUntils.some((until) => until(kind)) &&
      this.#inGap(took, way, event) &&
      this.#leaves(took, way, event, first) &&
      this.#notRuledOut(took, event, first, notNexts)
    )
  }

  #passes(path: Path, way: Way, event: number): boolean {
    const { took } = path
    const { notNexts } = path.after
    const { kind } = this.#events[event]!
    const first = took.at(-1)!.event + 1
    if (this.#stopped(path, way, event) || !this.#inGap(took, way, event)) return false
    if (!this.#leaves(took, way, event, first) || !this.#notRuledOut(took, event, first, notNexts)) return false
    if ((way.inside && way.step.until?.(kind)) || way.groupUntils.some((until) => until(kind))) return false
    return way.contiguity === 'any' || (way.contiguity === 'relaxed' && !this.#fits(way.step, took, event))
  }

  /** A NOT fits. At the first event all ways on are still one, so that a NOT on one of them ends all. */
  #stopped(path: Path, way: Way, event: number): boolean {
    const { took } = path
    const first = took.at(-1)!.event + 1
    const together = event === first ? path.after.ways.filter((each) => this.#leaves(took, each, event, first)) : []
    const { absence } = path.after
    const atEnd = absence !== undefined && event === first && this.#unreserved(path, event) ? absence.nots : []
    const nots = [way, ...together].flatMap((each) => each.nots)
    return [...nots, ...atEnd].some((not) => not.verb === 'notFollowedBy' && this.#fits(not, took, event))
  }

  #inGap(took: readonly Took[], way: Way, event: number): boolean {
    const last = took.at(-1)
    return last === undefined || this.#events[event]!.at - this.#events[last.event]!.at < way.gap
  }

  /** What a greedy loop could take is not for the step after it, unless the loop was ended by its until. */
  #leaves(took: readonly Took[], { reserve, behindNot }: Way, event: number, first: number): boolean {
    if (reserve === undefined || this.#ended(reserve, first, event)) return true
    if (behindNot && event !== first) return true
    return !this.#fits(reserve, took, event)
  }

  /** The loop's until has come in the events from `first` to `last`. */
  #ended(loop: NaiveStep, first: number, last: number): boolean {
    return this.#events.slice(first, last + 1).some((event) => loop.until?.(event.kind))
  }

  #notRuledOut(took: readonly Took[], event: number, first: number, notNexts: readonly NotNext[]): boolean {
    return (
      event !== first || !notNexts.some((each) => this.#fits(each.not, took, event) && this.#asked(each, took, event))
    )
  }

  /** An event that a greedy loop may take, for the first time or again, is not looked at by what comes after the loop. */
  #asked({ reserve }: NotNext, took: readonly Took[], event: number): boolean {
    return reserve === undefined || this.#ended(reserve, event, event) || !this.#fits(reserve, took, event)
  }

  /** The pattern ends with NOTs, and an event is none of them. */
  #clean({ took, after: { absence } }: Path, event: number): boolean {
    const { nots } = absence!
    if (nots.some((not) => this.#fits(not, took, event))) return false
    return this.#unreserved({ took, after: { absence } }, event)
  }

  /** The event is none that a greedy loop before the NOTs could take. */
  #unreserved(
    { took, after: { absence } }: Pick<Path, 'took'> & { after: Pick<After, 'absence'> },
    event: number,
  ): boolean {
    const { reserve } = absence!
    return (
      reserve === undefined || this.#ended(reserve, took.at(-1)!.event + 1, event) || !this.#fits(reserve, took, event)
    )
  }

  #fits(step: NaiveStep, took: readonly Took[], event: number): boolean {
    return step.fits(
      this.#events[event]!.kind,
      took.filter((each) => each.step === step.number).map((each) => this.#events[each.event]!.kind),
    )
  }

  #inTime(took: readonly Took[], event: number): boolean {
    return this.#events[event]!.at - this.#events[took[0]!.event]!.at < this.#pattern.within
  }

  // Which go out, and when

  /** The path as it waits after `event` and at `nowMs`, once for each way on that has let pass all since its last event. */
  #heads(path: Path, event: number, nowMs: number): Head[] {
    const { took } = path
    const last = took.at(-1)!
    if (last.event > event || !this.#counts(took)) return []
    const passed = Array.from({ length: event - last.event }, (_, i) => last.event + 1 + i)
    const lastMs = this.#events[last.event]!.at
    const windowMs = this.#events[took[0]!.event]!.at + this.#pattern.within
    const heads: Head[] = []
    for (const [way, each] of path.after.ways.entries())
      if (passed.every((other) => this.#passes(path, each, other)))
        heads.push({
          took: [...took, { event: Number.POSITIVE_INFINITY, step: each.step.number, way }],
          endMs: Math.min(windowMs, lastMs + each.gap),
          pending: false,
        })
    const { absence, notNexts } = path.after
    if (absence !== undefined && (notNexts.length === 0 || passed.length === 0))
      if (passed.every((other) => this.#clean(path, other)))
        heads.push({
          took,
          endMs: Math.min(windowMs, lastMs + Math.min(...absence.nots.map((not) => not.gap))),
          pending: notNexts.length === 0 || absence.nots.length > 1,
        })
    // Until an event comes, all ways on are one, and it ends with the last of them.
    const endMs = Math.max(...heads.map((head) => head.endMs))
    if (passed.length === 0 && heads.length > 0)
      return [{ ...heads[0]!, endMs, pending: heads.some((head) => head.pending) }].filter((head) => head.endMs > nowMs)
    return heads.filter((head) => head.endMs > nowMs)
  }

  #headsOf(start: number, event: number, nowMs: number): Head[] {
    return this.#paths.filter(({ took }) => took[0]!.event === start).flatMap((path) => this.#heads(path, event, nowMs))
  }

  #counts(took: readonly Took[]): boolean {
    return took[0]!.event > this.#gone
  }

  /** Time goes from `fromMs` to `toMs` (included) after `event`: what ends on the way. */
  #end(event: number, fromMs: number, toMs: number): void {
    const ends = Array.from({ length: event + 1 }, (_, start) =>
      [...new Set(this.#headsOf(start, event, fromMs).map(({ endMs }) => endMs))].map((endMs) => ({ start, endMs })),
    )
    const inOrder = ends.flat().toSorted((a, b) => a.endMs - b.endMs || a.start - b.start)
    for (const { start, endMs } of inOrder) {
      if (endMs > toMs) return
      if (start <= this.#gone) continue
      const heads = this.#headsOf(start, event, Math.max(fromMs, endMs - 1))
      const now = sorted(heads.filter((head) => head.endMs === endMs))
      const matches = now.filter(({ pending }) => pending)
      this.#waiting.push(...matches.map(({ took }) => ({ took: took.filter(isEvent), at: event })))
      if (matches.length === 0 && heads.every((head) => head.endMs === endMs))
        this.#found.timedOut.push(`${textOf(now[0]!.took)} @${endMs}`)
      this.#settle(event, endMs, start)
    }
  }

  /** `upTo`: of the starts that end at `nowMs`, those after this one are still to be ended. */
  #settle(event: number, nowMs: number, upTo = Number.POSITIVE_INFINITY): void {
    const { skip } = this.#pattern
    for (;;) {
      const match = this.#waiting.toSorted((a, b) => a.took[0]!.event - b.took[0]!.event)[0]
      if (match === undefined) return
      const start = match.took[0]!.event
      const older = Array.from({ length: start }, (_, each) => each).some(
        (each) => this.#headsOf(each, event, each > upTo ? nowMs - 1 : nowMs).length > 0,
      )
      if (skip !== 'no-skip' && older) return
      this.#waiting = this.#waiting.filter((each) => each !== match)
      this.#found.matches.push(textOf(match.took))
      this.#gone = Math.max(this.#gone, this.#discards(match.took))
      this.#waiting = this.#waiting.filter((each) => this.#counts(each.took))
    }
  }

  /** The last first event that is discarded; -1: none. */
  #discards(took: readonly Took[]): number {
    const { skip } = this.#pattern
    if (skip === 'no-skip') return -1
    if (skip === 'to-next') return took[0]!.event
    if (skip === 'past-last-event') return took.at(-1)!.event
    const target =
      'toFirst' in skip
        ? took.find((each) => each.step === skip.toFirst)
        : took.findLast((each) => each.step === skip.toLast)
    return target === undefined ? -1 : target.event - 1
  }
}

const isEvent = ({ event }: Took): boolean => Number.isFinite(event)
const textOf = (took: readonly Took[]): string =>
  took
    .filter(isEvent)
    .map(({ step, event }) => `${step}:${event}`)
    .join(' ')

/** By first event; then, at the first event that they treat differently, the way on that comes first, taking before passing. */
function sorted<T extends { readonly took: readonly Took[] }>(all: readonly T[]): T[] {
  return all.toSorted((a, b) => {
    const byStart = a.took[0]!.event - b.took[0]!.event
    if (byStart !== 0) return byStart
    const last = Math.max(...[...a.took, ...b.took].filter(isEvent).map(({ event }) => event))
    for (let event = a.took[0]!.event; event <= last; event++) {
      const difference = treatment(a.took, event) - treatment(b.took, event)
      if (difference !== 0) return difference
    }
    return 0
  })
}

function treatment(took: readonly Took[], event: number): number {
  const next = took.find((each) => each.event >= event)
  return next === undefined ? Number.MAX_SAFE_INTEGER : next.way * 2 + (next.event === event ? 0 : 1)
}
