import type { Context, Machine } from '../machine.ts'
import { NO_WAKE } from '../state.ts'
import { type Emission, emissionSignature } from '../windows/emission.ts'
import type { Aggregate } from './aggregate.ts'

/** `checkAtMs`: when it is looked at whether the key has expired; not there without an expiry. */
type Running = readonly [maxTimeMs: number, state: unknown, checkAtMs?: number | undefined]

export interface RunningResult {
  readonly key: unknown
  readonly [aggregate: string]: unknown
}

/** When the state of a key goes. */
export interface Expiry {
  /** Stream time since the newest record of the key. */
  readonly afterMs: number
  /** The last result stays where it was put out; otherwise it is deleted there, too. */
  readonly keepResult: boolean
}

const STATE = 'a'
const PENDING = 'u'

/**
 * Aggregates per key over all time: a changelog of the newest result.
 *
 * With an expiry, a key is forgotten when stream time reaches the event time of its newest record plus `afterMs`; its next
 * record begins anew. A record that is as old as that while its key has no state is late: it would begin what is over.
 */
export function runningMachine<In>(
  aggregate: Aggregate<In, unknown, object>,
  emission: Emission,
  expiry?: Expiry,
): Machine<In, RunningResult> {
  const everyMs = emission.updates?.everyMs ?? 0
  const put = aggregate.fixedSize ? ('put' as const) : ('putSized' as const)
  const emit = (c: Context<RunningResult>, [maxTimeMs, state]: Running) =>
    c.emit({ key: c.key, ...aggregate.result(state) }, maxTimeMs)

  /** The timer stays where it is while records come, and is set anew when it fires: one entry per `afterMs`, not per record. */
  function keep(c: Context<RunningResult>, [maxTimeMs, state, checkAtMs]: Running): void {
    if (expiry === undefined) c.cells[put](STATE, [maxTimeMs, state], NO_WAKE)
    else {
      const atMs = checkAtMs ?? maxTimeMs + expiry.afterMs
      c.cells[put](STATE, [maxTimeMs, state, atMs], atMs)
    }
  }

  function expire(c: Context<RunningResult>, held: Running, { afterMs, keepResult }: Expiry, nowMs: number): void {
    const expiresAtMs = held[0] + afterMs
    if (expiresAtMs > nowMs) {
      keep(c, [held[0], held[1]])
      return
    }
    if (!keepResult) c.retract({ key: c.key, ...aggregate.result(held[1]) }, expiresAtMs)
    else if (c.cells.get(PENDING) !== undefined) emit(c, held)
    c.cells.delete(PENDING)
    c.cells.delete(STATE)
  }

  return {
    signature: `aggregate(${aggregate.name};${emissionSignature(emission)})${expiry === undefined ? '' : `.expireAfter(${expiry.afterMs})`}`,
    onRecord(c, { value, timeMs }) {
      const held = c.cells.get(STATE) as Running | undefined
      if (held === undefined && expiry !== undefined && timeMs + expiry.afterMs <= c.streamTimeMs)
        return c.late(c.streamTimeMs - timeMs - expiry.afterMs)
      const [heldTimeMs, state, checkAtMs] = held ?? [timeMs, aggregate.initialize()]
      const maxTimeMs = heldTimeMs > timeMs ? heldTimeMs : timeMs
      const next: Running = [maxTimeMs, aggregate.add(state, value, timeMs), checkAtMs]
      keep(c, next)
      if (everyMs === 0) emit(c, next)
      else if (c.cells.get(PENDING) === undefined) c.cells.put(PENDING, 1, c.streamTimeMs + everyMs)
    },
    onTimer(c, id, timeMs) {
      const held = c.cells.get(STATE) as Running
      if (id === STATE) return expire(c, held, expiry!, timeMs)
      emit(c, held)
      c.cells.delete(id)
    },
  }
}
