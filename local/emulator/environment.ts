import type { ControlEvent, InvocationReport, KafkaEvent } from '../../shared/runtime/kafka-event.ts'
import type { Clock } from './clock.ts'

/** What Lambda tells a function about an invocation. */
export interface InvocationContext {
  getRemainingTimeInMillis(): number
  readonly awsRequestId: string
}

/** The function of a stage. */
export type StageHandler = (event: KafkaEvent | ControlEvent, context: InvocationContext) => Promise<InvocationReport>

/** One execution environment: a warm function, which Lambda gives one event at a time. */
export class Environment {
  readonly #name: string
  readonly #handler: StageHandler
  readonly #clock: Clock
  readonly #timeoutMs: number
  #last: Promise<unknown> = Promise.resolve()
  #invocations = 0

  constructor(name: string, handler: StageHandler, clock: Clock, timeoutMs: number) {
    this.#name = name
    this.#handler = handler
    this.#clock = clock
    this.#timeoutMs = timeoutMs
  }

  /** Invokes the function once what it works on is done. Its time-out counts from then. */
  invoke(event: KafkaEvent | ControlEvent): Promise<InvocationReport> {
    const invocation = this.#last.then(() => this.#start(event))
    this.#last = invocation.catch(() => undefined)
    return invocation
  }

  #start(event: KafkaEvent | ControlEvent): Promise<InvocationReport> {
    const deadline = this.#clock.nowMs() + this.#timeoutMs
    return this.#handler(event, {
      getRemainingTimeInMillis: () => Math.max(0, deadline - this.#clock.nowMs()),
      awsRequestId: `${this.#name}-${++this.#invocations}`,
    })
  }
}
