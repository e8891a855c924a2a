import { MillraceError } from '../../shared/errors.ts'
import type { ControlEvent, InvocationReport, KafkaEvent } from '../../shared/runtime/kafka-event.ts'
import type { Clock } from './clock.ts'

/** What Lambda tells a function about an invocation. */
export interface InvocationContext {
  getRemainingTimeInMillis(): number
  readonly awsRequestId: string
  readonly functionName: string
  readonly functionVersion: '$LATEST'
  readonly invokedFunctionArn: string
  readonly memoryLimitInMB: string
  readonly logGroupName: string
  readonly logStreamName: string
  callbackWaitsForEmptyEventLoop: boolean
}

/** A function: its event, and what it answers. */
export type Handler<Event, Answer> = (event: Event, context: InvocationContext) => Answer | Promise<Answer>

/** The function of a stage. */
export type StageHandler = (event: KafkaEvent | ControlEvent, context: InvocationContext) => Promise<InvocationReport>

export interface EnvironmentOptions<Event, Answer> {
  /** Of the function. */
  readonly functionName: string
  /** Of the environment, part of its request ids. */
  readonly name: string
  /** Called at the first invocation, and at the first after a time-out: a cold start. */
  readonly newHandler: () => Handler<Event, Answer>
  readonly clock: Clock
  readonly timeoutMs: number
  /** What happens at the time-out. */
  readonly overrun: 'give-up' | 'wait'
}

/** The ARN that a function of this name has here. */
export const arnOf = (functionName: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`

/** One execution environment: a warm function, which Lambda gives one event at a time. */
export class Environment<Event, Answer> {
  readonly #options: EnvironmentOptions<Event, Answer>
  #handler: Handler<Event, Answer> | undefined
  #last: Promise<unknown> = Promise.resolve()
  #invocations = 0

  constructor(options: EnvironmentOptions<Event, Answer>) {
    this.#options = options
  }

  /** Of the last invocation. */
  get requestId(): string {
    return `${this.#options.name}-${this.#invocations}`
  }

  /**
   * Invokes the function once what it works on is done. Its time-out counts from then.
   *
   * @throws MillraceError `FUNCTION_TIMED_OUT`, and what the function throws
   */
  invoke(event: Event): Promise<Answer> {
    const invocation = this.#last.then(() => this.#start(event))
    this.#last = invocation.catch(() => undefined)
    return invocation
  }

  async #start(event: Event): Promise<Answer> {
    const { newHandler, clock, timeoutMs, overrun } = this.#options
    this.#handler ??= newHandler()
    this.#invocations++
    const answer = Promise.resolve(this.#handler(event, this.#context(clock.nowMs() + timeoutMs)))
    if (overrun === 'wait') return answer
    const unwanted = new AbortController()
    try {
      return await Promise.race([answer, this.#timeOut(unwanted.signal)])
    } finally {
      unwanted.abort()
    }
  }

  /** Whatever the function still does is that of an environment that Lambda has thrown away. */
  async #timeOut(unwanted: AbortSignal): Promise<never> {
    const { functionName, clock, timeoutMs } = this.#options
    await clock.sleep(timeoutMs, unwanted)
    if (!unwanted.aborted) this.#handler = undefined
    throw new MillraceError('FUNCTION_TIMED_OUT', { function: functionName, timeoutMs })
  }

  #context(deadlineMs: number): InvocationContext {
    const { functionName, name, clock } = this.#options
    return {
      getRemainingTimeInMillis: () => Math.max(0, deadlineMs - clock.nowMs()),
      awsRequestId: this.requestId,
      functionName,
      functionVersion: '$LATEST',
      invokedFunctionArn: arnOf(functionName),
      memoryLimitInMB: '128',
      logGroupName: `/aws/lambda/${functionName}`,
      logStreamName: name,
      callbackWaitsForEmptyEventLoop: true,
    }
  }
}
