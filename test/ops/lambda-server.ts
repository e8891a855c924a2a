import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { LambdaClient } from '@aws-sdk/client-lambda'

/** A function as Lambda has it: what it throws, the caller is told. */
export interface ServedFunction {
  readonly logGroup?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly handler: (event: unknown) => Promise<unknown>
  /** Ids of its mappings, with whether they are enabled. */
  readonly mappings?: Map<string, boolean>
}

export interface Refusal {
  readonly status: number
  readonly type: string
  readonly message: string
}

/**
 * The part of Lambda's HTTP interface that operators' tools use, on a port of this machine, two things to a page.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
 */
export class LambdaServer {
  /** Method and path of every request. */
  readonly asked: string[] = []
  /** Bytes of the event of every invocation. */
  readonly eventBytes: number[] = []
  /** Answers every request with this, instead of what was asked for. */
  refusal: Refusal | undefined
  /** How much a list has on a page. */
  readonly pageSize = 2
  readonly #functions: ReadonlyMap<string, ServedFunction>
  readonly #server = createServer((request, response) => void this.#answer(request, response))

  constructor(functions: Readonly<Record<string, ServedFunction>>) {
    this.#functions = new Map(Object.entries(functions))
  }

  get functionNames(): readonly string[] {
    return [...this.#functions.keys()]
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return this
  }

  /** Anybody is let in. */
  client(): LambdaClient {
    const credentials = { accessKeyId: 'nobody', secretAccessKey: 'nothing' }
    return new LambdaClient({ endpoint: this.url, region: 'eu-west-1', credentials, maxAttempts: 1 })
  }

  async stop(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url!, this.url)
    this.asked.push(`${request.method} ${pathname}`)
    const body = await text(request)
    if (this.refusal) return refuse(response, this.refusal)
    const [, , what, name, action] = pathname.split('/').map(decodeURIComponent)
    if (what === 'functions' && action === 'invocations') return this.#invoke(name!, body, response)
    if (what === 'functions') return send(response, this.#page('Functions', this.#configurations(), searchParams))
    if (request.method === 'GET')
      return send(response, this.#page('EventSourceMappings', this.#mappings(searchParams), searchParams))
    return this.#update(name!, JSON.parse(body) as { Enabled: boolean }, response)
  }

  async #invoke(name: string, body: string, response: ServerResponse): Promise<void> {
    const fn = this.#functions.get(name)
    if (fn === undefined) return refuse(response, notFound(name))
    this.eventBytes.push(Buffer.byteLength(body))
    try {
      send(response, await fn.handler(JSON.parse(body)))
    } catch (error) {
      response.setHeader('x-amz-function-error', 'Unhandled')
      if (!(error instanceof Error)) return void response.end(error)
      send(response, { errorType: error.name, errorMessage: error.message })
    }
  }

  #configurations(): unknown[] {
    return [...this.#functions].map(([FunctionName, { logGroup, environment }]) => ({
      FunctionName,
      ...(logGroup && { LoggingConfig: { LogFormat: 'JSON', LogGroup: logGroup } }),
      ...(environment && { Environment: { Variables: environment } }),
    }))
  }

  #mappings(query: URLSearchParams): unknown[] {
    const { mappings = new Map<string, boolean>() } = this.#functions.get(query.get('FunctionName')!) ?? {}
    return [...mappings].map(([UUID, enabled]) => ({ UUID, State: enabled ? 'Enabled' : 'Disabled' }))
  }

  #page(name: string, all: readonly unknown[], query: URLSearchParams): Record<string, unknown> {
    const from = Number(query.get('Marker') ?? 0)
    const next = from + this.pageSize
    return { [name]: all.slice(from, next), ...(next < all.length && { NextMarker: String(next) }) }
  }

  #update(id: string, { Enabled }: { Enabled: boolean }, response: ServerResponse): void {
    const found = [...this.#functions.values()].find(({ mappings }) => mappings?.has(id))
    found?.mappings?.set(id, Enabled)
    if (found === undefined) refuse(response, notFound(id))
    else send(response, { UUID: id, State: Enabled ? 'Enabling' : 'Disabling' })
  }
}

const notFound = (name: string): Refusal => ({
  status: 404,
  type: 'ResourceNotFoundException',
  message: `Not found: ${name}`,
})

function send(response: ServerResponse, answer: unknown): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(answer))
}

function refuse(response: ServerResponse, { status, type, message }: Refusal): void {
  response.statusCode = status
  response.setHeader('x-amzn-errortype', type)
  send(response, { Message: message })
}
