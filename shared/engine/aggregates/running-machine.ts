import type { Context, Machine } from '../machine.ts'
import { type Emission, emissionSignature } from '../windows/emission.ts'
import type { Aggregate } from './aggregate.ts'

type Running = readonly [maxTimeMs: number, state: unknown]

export interface RunningResult {
  readonly key: unknown
  readonly [aggregate: string]: unknown
}

const STATE = 'a'
const PENDING = 'u'

/** Aggregates per key over all time: a changelog of the newest result. */
export function runningMachine<In>(
  aggregate: Aggregate<In, unknown, object>,
  emission: Emission,
): Machine<In, RunningResult> {
  const everyMs = emission.updates?.everyMs ?? 0
  const put = aggregate.fixedSize ? ('put' as const) : ('putSized' as const)
  const emit = (c: Context<RunningResult>, [maxTimeMs, state]: Running) =>
    c.emit({ key: c.key, ...aggregate.result(state) }, maxTimeMs)

  return {
    signature: `aggregate(${aggregate.name};${emissionSignature(emission)})`,
    onRecord(c, { value, timeMs }) {
      const held = c.cells.get(STATE) as Running | undefined
      const state: Running =
        held === undefined
          ? [timeMs, aggregate.add(aggregate.initialize(), value, timeMs)]
          : [held[0] > timeMs ? held[0] : timeMs, aggregate.add(held[1], value, timeMs)]
      c.cells[put](STATE, state)
      if (everyMs === 0) emit(c, state)
      else if (c.cells.get(PENDING) === undefined) c.cells.put(PENDING, 1, c.streamTimeMs + everyMs)
    },
    onTimer(c, id) {
      emit(c, c.cells.get(STATE) as Running)
      c.cells.delete(id)
    },
  }
}
