import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { cardSpendProcessor } from '../../functions/card-spend.ts'
import { journalTableName, stageLogGroup } from '../../infra/names.ts'
import { runOps } from '../../ops/run.ts'
import { dynamoJournalStore, ensureJournalTable } from '../../shared/journal/dynamodb.ts'
import { startDynalite } from '../journal/dynalite.ts'
import { Rig } from '../runtime/rig.ts'
import { LambdaServer } from './lambda-server.ts'

const TLS_HANDSHAKE = 22
const transaction = { id: '1', cardId: 'a', amount: 10, merchant: 'm', country: 'DE', at: 1_000 }

/** A port that notes the first byte of each connection, and ends it. */
async function listener(): Promise<{ address: string; firstBytes: number[] }> {
  const firstBytes: number[] = []
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (bytes) => {
      firstBytes.push(bytes[0]!)
      socket.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, firstBytes }
}

async function ops(...args: string[]) {
  let [out, errors] = ['', '']
  const code = await runOps([...args, '--aws', '--json'], {
    out: (text) => {
      out += text
    },
    errors: (text) => {
      errors += text
    },
  })
  return { code, errors, json: out === '' ? undefined : (JSON.parse(out) as unknown) }
}

describe('npm run ops -- --aws, with Lambda and DynamoDB on ports of this machine', () => {
  const table = journalTableName('millrace')
  const environment = { MILLRACE_STAGE: 'card-spend', MILLRACE_AUTH: 'iam', MILLRACE_JOURNAL_TABLE: table }
  const mappings = new Map([['m-1', true]])
  const kafka = { MILLRACE_BROKERS: '127.0.0.1:1' }
  let dynalite: Awaited<ReturnType<typeof startDynalite>>
  let lambda: LambdaServer

  beforeAll(async () => {
    dynalite = await startDynalite()
    await ensureJournalTable(dynalite.client, table)
    const journal = dynamoJournalStore({ client: dynalite.client, table })
    const rig = await Rig.of([cardSpendProcessor])
    rig.append('transactions', 0, 'a', transaction, { ...transaction, id: '2' })
    const run = rig.environment('card-spend', () => ({ journal }))
    await run(await rig.batch('card-spend', 0, 0, 1))
    lambda = await new LambdaServer({
      'millrace-StagesCardSpend-X': {
        logGroup: stageLogGroup('millrace', 'card-spend'),
        environment: Object.assign(kafka, environment),
        mappings,
        handler: (event) => run(event as never),
      },
    }).start()
  }, 30_000)
  afterAll(async () => {
    await lambda.stop()
    await dynalite.stop()
  })

  beforeEach(async () => {
    const endpoint = await dynalite.client.config.endpoint!()
    const around = {
      AWS_ENDPOINT_URL_LAMBDA: lambda.url,
      AWS_ENDPOINT_URL_DYNAMODB: `http://${endpoint.hostname}:${endpoint.port}`,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'nobody',
      AWS_SECRET_ACCESS_KEY: 'nothing',
      // Whatever this machine's user has signed in to is none of a test's business.
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PROFILE: undefined,
    }
    for (const [name, value] of Object.entries(around)) vi.stubEnv(name, value)
  })
  afterEach(() => vi.unstubAllEnvs())

  it('reads the journal of the stack, and sends events to its functions', async () => {
    expect(await ops('state', 'get', 'card-spend', 'a')).toMatchObject({ code: 0, json: [{ partition: 0, key: 'a' }] })
    expect((await ops('skip', 'card-spend', '0', '--to', '2')).json).toMatchObject({ skipped: 1, offset: 1 })
    const commits = (await ops('journal', 'show', 'card-spend', '0')).json
    expect(commits).toMatchObject([{ counts: { counted: 1 } }, { counts: { counted: 1, parked: 1 } }])
  }, 30_000)

  it('pauses and resumes the mapping', async () => {
    expect((await ops('pause', 'card-spend')).code).toBe(0)
    expect(mappings.get('m-1')).toBe(false)
    expect((await ops('resume', 'card-spend', '--stack', 'millrace')).code).toBe(0)
    expect(mappings.get('m-1')).toBe(true)
  })

  it.each([['lag'], ['settings', 'show', 'card-rules'], ['settings', 'rollback', 'card-rules', '1', '--yes']])(
    'asks the Kafka that the functions are told of, over TLS where they sign in by IAM: %s %s',
    async (...args) => {
      const { address, firstBytes } = await listener()
      kafka.MILLRACE_BROKERS = address
      expect(await ops(...args)).toMatchObject({ code: 1, errors: expect.stringContaining(`The broker ${address}`) })
      expect([...new Set(firstBytes)]).toEqual([TLS_HANDSHAKE])
    },
    30_000,
  )

  it('says that a stack of this name has nothing', async () => {
    expect(await ops('lag', '--stack', 'nope')).toMatchObject({
      code: 2,
      errors: expect.stringMatching(/no function for the stage .*--stack/),
    })
  })

  it.each([
    { without: 'AWS_REGION', says: /no Region is set.*AWS_REGION/ },
    { without: 'AWS_ACCESS_KEY_ID', says: /Sign in \(aws sso login/ },
  ])('says what to set when there is no $without', async ({ without, says }) => {
    vi.stubEnv(without, undefined)
    for (const args of [['lag'], ['pause', 'card-spend']])
      expect(await ops(...args)).toMatchObject({ code: 1, errors: expect.stringMatching(says) })
  })

  it.each([
    ['--data', '.'],
    ['--brokers', 'localhost:9092'],
    ['--dynamodb', 'http://localhost:8000'],
  ])('has no use for %s', async (...flags) => {
    expect(await ops('lag', ...flags)).toMatchObject({ code: 2, errors: expect.stringMatching(/Leave out --data/) })
  })
})
