import type { BrokerRecord } from '../../shared/broker/broker.ts'
import type { KafkaEvent } from '../../shared/runtime/kafka-event.ts'
import type { Environment } from './environment.ts'
import { eventOf } from './event-builder.ts'
import type { Outcome, Work } from './rules/attempts.ts'
import { type Failure, failureMessages } from './rules/failure-message.ts'
import type { MappingState } from './state.ts'

/** Rule 12: sends what is given up to the on-failure destination; without one it is dropped. */
export class GiveUp<Event, Answer> {
  readonly #state: MappingState<Event | KafkaEvent, Answer>
  readonly #environment: Environment<Event | KafkaEvent, Answer>

  constructor(state: MappingState<Event | KafkaEvent, Answer>, environment: Environment<Event | KafkaEvent, Answer>) {
    this.#state = state
    this.#environment = environment
  }

  /** No attempt is left. */
  exhausted(records: readonly BrokerRecord[], work: Work, outcome: Outcome): Promise<void> {
    // AWS's pages name it in two ways.
    const condition = this.#state.options.onFailure?.kind === 'kafka' ? 'RetriesExhausted' : 'RetryAttemptsExhausted'
    return this.#send(records, condition, work.invocations + 1, outcome.kind === 'error')
  }

  /** They have become too old. */
  expired(records: readonly BrokerRecord[], { invocations }: Work): Promise<void> {
    const { ageCondition } = this.#state.options.settings
    return this.#send(records, ageCondition, invocations, invocations > 0 ? true : undefined)
  }

  /** A record that no event can hold. */
  oversize(records: readonly BrokerRecord[]): Promise<void> {
    return this.#send(records, 'MaximumPayloadSizeExceeded', 0, undefined)
  }

  async #send(
    records: readonly BrokerRecord[],
    condition: string,
    invocations: number,
    functionError: boolean | undefined,
  ): Promise<void> {
    const { options, counts, functionArn } = this.#state
    const { onFailure, clock, eventSource, settings } = options
    if (!onFailure) {
      counts.dropped += records.length
      return
    }
    const { requestId } = this.#environment
    const failure: Failure = { condition, requestId, functionArn, invocations, functionError, atMs: clock.nowMs() }
    const messages = failureMessages(onFailure.kind, records, failure, (some) => eventOf(eventSource, settings, some))
    const delivered = this.#state.untilItSucceeds(async () => {
      await onFailure.deliver(messages)
      return true
    })
    if (await delivered) counts.onFailureDelivered += records.length
  }
}
