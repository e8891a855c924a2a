import { MillraceError } from '../../shared/errors.ts'
import type { KafkaEvent } from '../../shared/runtime/kafka-event.ts'
import type { Batch } from './batch.ts'
import type { Environment } from './environment.ts'
import { eventOf } from './event-builder.ts'
import type { Outcome, Work } from './rules/attempts.ts'
import { outcomeOf } from './rules/response.ts'
import type { MappingState } from './state.ts'

/** How an attempt ended, and the error that stands for it unless all succeeded. */
export interface AttemptResult {
  readonly outcome: Outcome
  readonly error?: unknown
}

/** Gives records to the function, and reads its answer. */
export class Attempts<Event, Answer> {
  readonly #state: MappingState<Event | KafkaEvent, Answer>
  readonly #batch: Batch
  readonly #environment: Environment<Event | KafkaEvent, Answer>

  constructor(
    state: MappingState<Event | KafkaEvent, Answer>,
    batch: Batch,
    environment: Environment<Event | KafkaEvent, Answer>,
  ) {
    this.#state = state
    this.#batch = batch
    this.#environment = environment
  }

  async make(work: Work): Promise<AttemptResult> {
    const { options, counts } = this.#state
    if (this.#isThrottled(work)) {
      const error = new MillraceError('FUNCTION_THROTTLED', { function: options.functionName })
      return { outcome: { kind: 'throttled' }, error }
    }
    counts.invoked += work.records.length
    try {
      const result = this.#read(await this.#invoke(work), work)
      if (result.outcome.kind === 'partial') counts.failedInvoke += result.outcome.failed.length
      if (result.outcome.kind === 'invalid') counts.failedInvoke += work.records.length
      return result
    } catch (error) {
      counts.failedInvoke += work.records.length
      return { outcome: { kind: 'error' }, error }
    }
  }

  /** Rule 13. */
  #isThrottled(work: Work): boolean {
    const { options, running } = this.#state
    return running >= options.settings.reservedConcurrency || (options.faults?.throttle?.(attemptOf(work)) ?? false)
  }

  async #invoke(work: Work): Promise<Answer> {
    const { options } = this.#state
    const isFirst = work.records.length === this.#batch.records.length && work.invocations === 0
    const event = isFirst ? this.#batch.event : eventOf(options.eventSource, options.settings, work.records)
    const invocation = this.#environment.invoke(event)
    this.#state.running++
    if (options.faults?.rebalance?.(attemptOf(work)))
      this.#state.revoke(this.#batch.cursors.map(({ partition }) => partition))
    try {
      return await invocation
    } finally {
      this.#state.running--
    }
  }

  /** Rule 7. */
  #read(answer: Answer, work: Work): AttemptResult {
    const { functionName, topic, settings, onAnswer } = this.#state.options
    onAnswer?.(answer, [...new Set(work.records.map(({ partition }) => partition))])
    if (!settings.reportFailures) return { outcome: { kind: 'success' } }
    // What Lambda gets is JSON: an answer that cannot be written as JSON is an error of the function.
    const given: unknown = answer === undefined ? undefined : JSON.parse(JSON.stringify(answer) ?? 'null')
    const outcome = outcomeOf(given, work.records, settings.oddResponses)
    if (outcome.kind === 'success') return { outcome }
    const facts = { function: functionName, topic, given }
    if (outcome.kind !== 'partial') return { outcome, error: new MillraceError('RESPONSE_INVALID', facts) }
    return { outcome, error: new MillraceError('RECORDS_FAILED', { ...facts, count: outcome.failed.length }) }
  }
}

const attemptOf = ({ records, failures }: Work) => ({ records, number: failures + 1 })
