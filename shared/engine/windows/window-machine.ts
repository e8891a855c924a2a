import type { Aggregate } from '../aggregates/aggregate.ts'
import type { Machine } from '../machine.ts'
import { type Emission, emissionSignature, type WindowedResult } from './emission.ts'
import { everyRecordsMachine } from './every-records-machine.ts'
import { globalMachine } from './global-machine.ts'
import { lastRecordsMachine } from './last-records-machine.ts'
import { overlappingMachine } from './overlapping-machine.ts'
import { sessionMachine } from './session-machine.ts'
import { singleMachine } from './single-machine.ts'
import type { EmitMode, Window } from './window.ts'

/** The machine that aggregates per key and window: one per family of windows. */
export function windowMachine<In>(
  window: Window<EmitMode>,
  aggregate: Aggregate<In, unknown, object>,
  emission: Emission,
): Machine<In, WindowedResult> {
  const signature = `window(${window.signature};${aggregate.name};${emissionSignature(emission)})`
  return { signature, ...machineOf(window, aggregate, emission) }
}

function machineOf<In>(
  { shape }: Window<EmitMode>,
  aggregate: Aggregate<In, unknown, object>,
  emission: Emission,
): Omit<Machine<In, WindowedResult>, 'signature'> {
  switch (shape.kind) {
    case 'single':
      return singleMachine(shape, aggregate, emission)
    case 'overlapping':
      return overlappingMachine(shape.overlap, aggregate, emission)
    case 'session':
      return sessionMachine(shape, aggregate, emission)
    case 'every-records':
      return everyRecordsMachine(shape, aggregate)
    case 'last-records':
      return lastRecordsMachine(shape, aggregate)
    case 'global':
      return globalMachine(shape, aggregate)
  }
}
