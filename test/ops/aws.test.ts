import { describe, expect, it } from 'vitest'
import { pause } from '../../ops/commands/pause.ts'
import { redrive } from '../../ops/commands/redrive.ts'
import { awsMappings, awsTarget, type LambdaApi } from '../../ops/targets/aws.ts'
import { bug, newest, shop } from './shop.ts'

/** Functions of a stack, without AWS: they run in this process and answer as Lambda does. */
async function deployed(stages: readonly string[] = ['per-user', 'large-ones']) {
  const { rig, target, plan, stage } = await shop([50, 150])
  const mappings = new Map(stages.map((id) => [`mapping-of-fn-${id}`, true]))
  const payloads: number[] = []
  const lambda: LambdaApi = {
    functionOf: async (id) => (stages.includes(id) ? `fn-${id}` : undefined),
    async invoke(name, payload) {
      payloads.push(Buffer.byteLength(payload))
      try {
        const report = await rig.environment(name.slice('fn-'.length))(JSON.parse(payload))
        return { failed: false, payload: JSON.stringify(report) }
      } catch (error) {
        const { name: errorType, message: errorMessage } = error as Error
        return { failed: true, payload: JSON.stringify({ errorType, errorMessage }) }
      }
    },
    mappingsOf: async (name) => [`mapping-of-${name}`],
    async setEnabled(id, enabled) {
      mappings.set(id, enabled)
    },
  }
  const aws = awsTarget(lambda, target)
  return { rig, lambda, aws, mappings, plan, stage, payloads }
}

describe('deployed functions', () => {
  it('apply what was parked, once', async () => {
    const { rig, aws, plan } = await deployed()
    bug.isThere = false
    for (let n = 0; n < 2; n++) expect((await redrive(aws, plan, {}, false)).ok).toBe(true)
    expect(await newest(rig)).toMatchObject({ count: 2, total: 200 })
  })

  it('are sent less than an invocation may carry, however much is parked', async () => {
    const { rig, aws, plan, stage, payloads } = await deployed()
    const value = { user: 'u', amount: 1, at: 1_800_000_000_000, note: 'x'.repeat(20_000) }
    for (let n = 0; n < 300; n++) rig.append('paid', 0, 'u', value)
    await aws.invoke(stage, { millrace: 'skip', partition: 0, to: 302 })
    payloads.length = 0
    await redrive(aws, plan, { reason: 'SKIPPED' }, false)
    expect(payloads.length).toBeGreaterThan(1)
    expect(Math.max(...payloads)).toBeLessThan(6_000_000)
    expect(await newest(rig)).toMatchObject({ count: 301 })
  })

  it('say what they failed with', async () => {
    const { aws, stage } = await deployed()
    const failed = aws.invoke({ ...stage, id: 'large-ones' }, { millrace: 'skip', partition: 0, to: 1 })
    await expect(failed).rejects.toMatchObject({ code: 'FUNCTION_FAILED' })
    await expect(failed).rejects.toThrow(/USAGE: .*cannot be told to skip/)
  })

  it.each(['', 'Task timed out', '{}', '{"errorMessage":7}'])('may be killed, and answer with %j', async (payload) => {
    const { lambda, rig, stage } = await deployed()
    const killed = awsTarget({ ...lambda, invoke: async () => ({ failed: true, payload }) }, { ...rig } as never)
    await expect(killed.invoke(stage, { millrace: 'tick' })).rejects.toMatchObject({ code: 'FUNCTION_FAILED' })
  })

  it('that the stack does not have are named', async () => {
    const { aws, stage } = await deployed(['large-ones'])
    await expect(aws.invoke(stage, { millrace: 'tick' })).rejects.toThrow(/no function for the stage per-user/)
  })

  it('wait while their mapping is disabled', async () => {
    const { lambda, mappings, stage } = await deployed()
    const feeding = awsMappings(lambda)
    await pause(feeding, [stage], true)
    expect([...mappings]).toEqual([
      ['mapping-of-fn-per-user', false],
      ['mapping-of-fn-large-ones', true],
    ])
    await pause(feeding, [stage], false)
    expect(mappings.get('mapping-of-fn-per-user')).toBe(true)
  })
})
