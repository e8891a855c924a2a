import type { Gate } from '../engine/gates/gate.ts'
import type { Key } from '../engine/key.ts'
import type { Machine } from '../engine/machine.ts'
import type { Op } from '../engine/ops.ts'
import { MillraceError } from '../errors.ts'
import { type DurationMs, isDuration, seconds } from '../time.ts'
import { checkName, checkOptions } from './check.ts'
import type { Settings } from './settings.ts'
import type { Table } from './table.ts'
import type { Topic } from './topic.ts'

export interface ProcessorOptions {
  /** Raise it to compute everything again, from what the source still retains, beside the old one. Default 1. */
  generation?: number
  /** How long a partition must be silent before its time moves on without records. Default 60 s. */
  idleAfter?: DurationMs
  /** Memory of the function in MB, 128 to 10,240; state must fit. Default 1,769 (one vCPU). */
  memoryMb?: number
  /** Time-out of the function, 10 s to 14 min (the limit behind a Kafka mapping). Default 2 min. */
  timeout?: DurationMs
  /** Records per batch, 1 to 10,000. Default 10,000. */
  batchRecords?: number
  /** How long a batch is gathered, whole seconds from 0 to 300. Default 1 s. */
  batchWindow?: DurationMs
  /**
   * What a parked record holds up. 'record' (default): itself; records of its key that come later are applied without it.
   * 'key': its key; they wait behind it, and are applied in order when it is redriven or discarded. For processors with
   * state that must never see the records of a key out of order.
   */
  park?: 'record' | 'key'
  /** Provisioned pollers, when on-demand scaling (up to some minutes) is too slow. Costs per hour. */
  pollers?: { min: number; max: number }
}

export interface DraftOutput {
  readonly what: 'result' | 'late' | 'timedOut'
  readonly target: Topic | Table
  readonly where: ((value: unknown) => boolean) | undefined
  readonly map: ((value: unknown) => unknown) | undefined
}

/** A topic that a processor reads, and what is done with its records before they are grouped. */
export interface DraftInput {
  /** What its records are tagged with, behind `cogroup`; undefined: the processor's only input. */
  readonly as: string | undefined
  readonly topic: Topic
  readonly pinnedGeneration: number | undefined
  readonly ops: readonly Op[]
  /** 'topic': the topic's own key. A function: re-keyed. undefined: not keyed. */
  readonly keyBy: 'topic' | ((value: unknown) => Key) | undefined
}

/** What the chain of calls has gathered. Immutable: each call makes a new one, so a chain can be forked. */
export interface Draft {
  readonly name: string
  readonly options: Required<Omit<ProcessorOptions, 'pollers'>> & Pick<ProcessorOptions, 'pollers'>
  readonly inputs: readonly [DraftInput, ...DraftInput[]]
  /** What stands before the machine, in order. */
  readonly gates: readonly Gate<unknown>[]
  readonly machine: Machine<unknown, unknown> | undefined
  /** Names of the rules that the machine looks at events with, in order. */
  readonly rules: readonly string[]
  /** Settings that the machine reads; undefined without any. */
  readonly settings: Settings | undefined
  /** Every change goes out: such results may not go to a table. */
  readonly everyUpdate: boolean
  /** Results of a key are deleted window by window: a topic needs a key that tells its windows apart. */
  readonly retractsWindows: boolean
  /** The machine puts out time-outs. */
  readonly timesOut: boolean
  readonly outputs: readonly DraftOutput[]
}

/** Its records travel through an internal topic: by another key, or to meet those of other topics. */
export const isRekeyed = ({ inputs: [first] }: Draft): boolean =>
  first.as !== undefined || typeof first.keyBy === 'function'

const defaults = {
  generation: 1,
  idleAfter: seconds(60),
  memoryMb: 1_769,
  timeout: seconds(120),
  batchRecords: 10_000,
  batchWindow: seconds(1),
  park: 'record' as 'record' | 'key',
}

/** @throws MillraceError `NAME_INVALID`, `OPTION_UNKNOWN`, `OPTION_INVALID`, `DURATION_INVALID` */
export function checkProcessor(name: string, given: ProcessorOptions): Draft['options'] {
  const where = `processor(${JSON.stringify(name)})`
  checkName('processor', name, 100)
  checkOptions(where, given, [...Object.keys(defaults), 'pollers'])
  const options = { ...defaults, ...given }
  whole('generation', 1, 1_000_000)
  whole('memoryMb', 128, 10_240)
  whole('batchRecords', 1, 10_000)
  duration('idleAfter', 1_000, Number.MAX_SAFE_INTEGER)
  duration('timeout', 10_000, 840_000)
  duration('batchWindow', 0, 300_000)
  if (options.batchWindow % 1_000 !== 0) invalid('batchWindow', options.batchWindow, 'whole seconds')
  if (options.park !== 'record' && options.park !== 'key') invalid('park', options.park, "'record' or 'key'")
  if (given.pollers !== undefined) {
    const { min, max } = given.pollers
    if (!within(min, 1, 200) || !within(max, min, 2_000))
      invalid('pollers', given.pollers, '{ min: 1 to 200, max: min to 2000 }')
  }
  return options

  function whole(option: 'generation' | 'memoryMb' | 'batchRecords', min: number, max: number): void {
    if (!within(options[option], min, max)) invalid(option, options[option], `a whole number from ${min} to ${max}`)
  }
  function duration(option: 'idleAfter' | 'timeout' | 'batchWindow', min: number, max: number): void {
    if (!isDuration(options[option], min))
      throw new MillraceError('DURATION_INVALID', { where, option, given: options[option], min })
    if (options[option] > max) invalid(option, options[option], `at most ${max} ms`)
  }
  function invalid(option: string, value: unknown, must: string): never {
    throw new MillraceError('OPTION_INVALID', { where, option, given: value, must })
  }
}

const within = (n: number, min: number, max: number): boolean => Number.isSafeInteger(n) && n >= min && n <= max
