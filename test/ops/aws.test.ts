import { describe, expect, it, onTestFinished } from 'vitest'
import { stageLogGroup } from '../../infra/names.ts'
import { forget } from '../../ops/commands/forget.ts'
import { pause } from '../../ops/commands/pause.ts'
import { redrive } from '../../ops/commands/redrive.ts'
import { skip } from '../../ops/commands/skip.ts'
import { awsMappings, awsTarget } from '../../ops/targets/aws.ts'
import { lambdaApi } from '../../ops/targets/lambda-api.ts'
import { LambdaServer, type ServedFunction } from './lambda-server.ts'
import { bug, newest, pay, shop } from './shop.ts'

/** The functions of a stack behind Lambda's HTTP interface: they run in this process. Other stacks have some, too. */
async function deployed({
  stages = ['per-user', 'large-ones'],
  amounts = [50, 150],
  killed,
}: {
  stages?: readonly string[]
  amounts?: readonly number[]
  killed?: string
} = {}) {
  const { rig, target, plan, stage } = await shop(amounts)
  const served = (id: string): ServedFunction => ({
    logGroup: stageLogGroup('prod', id),
    mappings: new Map([[`mapping-of-${id}`, true]]),
    handler: async (event) => {
      if (killed !== undefined) throw killed
      return rig.environment(id)(event as never)
    },
  })
  const refuses = async () => {
    throw new Error('the wrong function was asked')
  }
  const others: Record<string, ServedFunction> = {
    unrelated: { handler: refuses },
    'test-StagesPerUser-1': { logGroup: stageLogGroup('test', 'per-user'), handler: refuses },
    'prod-again': { logGroup: stageLogGroup('prod-again', 'per-user'), handler: refuses },
  }
  const ours = Object.fromEntries(stages.map((id, n) => [`prod-Stages${n}-AbC`, served(id)]))
  const server = await new LambdaServer({ ...others, ...ours }).start()
  const client = server.client()
  onTestFinished(async () => {
    client.destroy()
    await server.stop()
  })
  const mappings = () => Object.values(ours).flatMap((each) => [...each.mappings!])
  const lambda = lambdaApi(client, 'prod')
  return { rig, server, lambda, aws: awsTarget(lambda, target), mappings, plan, stage }
}

describe('deployed functions', () => {
  it('apply what was parked, once', async () => {
    const { rig, aws, plan } = await deployed()
    bug.isThere = false
    for (let n = 0; n < 2; n++) expect((await redrive(aws, plan, {}, false)).ok).toBe(true)
    expect(await newest(rig)).toMatchObject({ count: 2, total: 200 })
  })

  it('skip, and forget', async () => {
    const { rig, aws, plan, stage } = await deployed()
    rig.append('paid', 0, 'u', pay('u', 10), pay('u', 20))
    expect((await skip(aws, stage, 0, 4)).json).toMatchObject({ skipped: 2, offset: 3 })
    expect((await forget(aws, plan, 'u', true)).json).toMatchObject({ erased: [{ stage: 'per-user', cells: 1 }] })
  })

  it('are sent less than an invocation may carry, however much is parked', async () => {
    const { rig, aws, plan, stage, server } = await deployed()
    const value = { user: 'u', amount: 1, at: 1_800_000_000_000, note: 'x'.repeat(20_000) }
    for (let n = 0; n < 300; n++) rig.append('paid', 0, 'u', value)
    await aws.invoke(stage, { millrace: 'skip', partition: 0, to: 302 })
    server.eventBytes.length = 0
    await redrive(aws, plan, { reason: 'SKIPPED' }, false)
    expect(server.eventBytes.length).toBeGreaterThan(1)
    expect(Math.max(...server.eventBytes)).toBeLessThan(6_000_000)
    expect(await newest(rig)).toMatchObject({ count: 301 })
  })

  it('say what they failed with', async () => {
    const { aws, stage } = await deployed()
    const failed = aws.invoke({ ...stage, id: 'large-ones' }, { millrace: 'skip', partition: 0, to: 1 })
    await expect(failed).rejects.toMatchObject({ code: 'FUNCTION_FAILED' })
    await expect(failed).rejects.toThrow(/USAGE: .*cannot be told to skip/)
  })

  it.each(['', 'Task timed out', '{}', '{"errorMessage":7}'])('may be killed, and answer with %j', async (killed) => {
    const { aws, stage } = await deployed({ killed })
    await expect(aws.invoke(stage, { millrace: 'tick' })).rejects.toMatchObject({ code: 'FUNCTION_FAILED' })
  })

  it('that the stack does not have are named', async () => {
    const { aws, stage } = await deployed({ stages: ['large-ones'] })
    await expect(aws.invoke(stage, { millrace: 'tick' })).rejects.toThrow(/no function for the stage per-user/)
  })

  it('are looked for once, on all pages of the list', async () => {
    const { aws, stage, server } = await deployed()
    const pages = Math.ceil(server.functionNames.length / server.pageSize)
    for (let n = 0; n < 3; n++) await aws.invoke(stage, { millrace: 'tick' })
    expect(server.asked.filter((each) => each === 'GET /2015-03-31/functions')).toHaveLength(pages)
    expect(server.asked.filter((each) => each.endsWith('/invocations'))).toHaveLength(3)
  })

  it('wait while their mapping is disabled', async () => {
    const { lambda, mappings, stage } = await deployed()
    const feeding = awsMappings(lambda)
    await pause(feeding, [stage], true)
    expect(mappings()).toEqual([
      ['mapping-of-per-user', false],
      ['mapping-of-large-ones', true],
    ])
    await pause(feeding, [stage], false)
    expect(mappings()[0]).toEqual(['mapping-of-per-user', true])
  })

  it('that nothing feeds cannot be told to wait', async () => {
    const { lambda, stage, server } = await deployed()
    const unfed = awsMappings({ ...lambda, mappingsOf: () => lambda.mappingsOf('unrelated') })
    await expect(pause(unfed, [stage], true)).rejects.toThrow(/no event source mapping/)
    expect(server.asked.some((each) => each.startsWith('PUT'))).toBe(false)
  })
})

describe('what AWS says no to', () => {
  it.each([
    {
      status: 403,
      type: 'AccessDeniedException',
      message: 'User: me is not authorized',
      code: 'AWS_REFUSED',
      says: /lambda:ListFunctions.*not authorized\). Allow lambda:ListFunctions/,
    },
    { status: 403, type: 'ExpiredTokenException', message: 'expired', code: 'AWS_REFUSED', says: /Sign in/ },
    { status: 403, type: 'UnrecognizedClientException', message: 'who', code: 'AWS_REFUSED', says: /Sign in/ },
    { status: 400, type: 'InvalidParameterValueException', message: 'bad', code: 'AWS_REFUSED', says: /bad/ },
    { status: 429, type: 'TooManyRequestsException', message: 'Rate', code: 'AWS_UNREACHABLE', says: /Try again/ },
    { status: 500, type: 'ServiceException', message: 'oops', code: 'AWS_UNREACHABLE', says: /Try again/ },
    { status: 502, type: 'SomethingNew', message: 'oops', code: 'AWS_UNREACHABLE', says: /Try again/ },
  ])('is told with the way out: $type', async ({ code, says, ...refusal }) => {
    const { aws, stage, server } = await deployed()
    server.refusal = refusal
    const failed = aws.invoke(stage, { millrace: 'tick' })
    await expect(failed).rejects.toMatchObject({ code, retriable: code === 'AWS_UNREACHABLE' })
    await expect(failed).rejects.toThrow(says)
  })

  it.each([
    ['lambda:InvokeFunction', (lambda: ReturnType<typeof lambdaApi>) => lambda.invoke('unrelated', '{}')],
    ['lambda:ListEventSourceMappings', (lambda: ReturnType<typeof lambdaApi>) => lambda.mappingsOf('unrelated')],
    ['lambda:UpdateEventSourceMapping', (lambda: ReturnType<typeof lambdaApi>) => lambda.setEnabled('id', true)],
  ])('names the right that is missing: %s', async (action, ask) => {
    const { lambda, server } = await deployed()
    server.refusal = { status: 403, type: 'AccessDeniedException', message: 'no' }
    await expect(ask(lambda)).rejects.toThrow(`Allow ${action}`)
  })

  it('may be asked again where nobody answers', async () => {
    const server = await new LambdaServer({}).start()
    const client = server.client()
    await server.stop()
    await expect(lambdaApi(client, 'prod').functionOf('per-user')).rejects.toMatchObject({ code: 'AWS_UNREACHABLE' })
    client.destroy()
  })
})
