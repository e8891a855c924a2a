import { describe, expect, it } from 'vitest'
import { scene, send } from './scene.ts'

const provisioned = { pollersMax: 1, retryFirstMs: 100, retryMaxMs: 1_000 }
const crash = (): never => {
  throw new Error('broken')
}

describe('after the last attempt', () => {
  it('records go to the destination, and the partition goes on', async () => {
    const settings = { ...provisioned, retriesMax: 2, batchRecordsMax: 2 }
    const set = await scene(settings, (names) => names.includes('0:0') && crash(), { onFailure: 'sqs' })
    send(set, 0, 3)
    await set.emulator.drain()
    expect(set.given()).toEqual(['0:0 0:1', '0:0 0:1', '0:0 0:1', '0:2'])
    expect(set.emulator.failures).toHaveLength(1)
    const { body } = set.emulator.failures[0]!
    expect(body.requestContext).toMatchObject({ condition: 'RetryAttemptsExhausted', approximateInvokeCount: 3 })
    expect(body.KafkaBatchInfo.recordsInfo).toMatchObject({
      'orders-0': { firstRecordOffset: '0', lastRecordOffset: '1' },
    })
    expect(await set.emulator.committed()).toEqual([3])
    expect(set.emulator.counts()).toMatchObject({ onFailureDelivered: 2, dropped: 0 })
  })

  it('each record goes to a Kafka topic by itself', async () => {
    const set = await scene({ ...provisioned, retriesMax: 0 }, crash, { onFailure: 'kafka' })
    for (const key of ['a', 'b']) set.emulator.send({ key })
    await set.emulator.drain()
    expect(set.emulator.failures.map(({ key }) => key?.toString())).toEqual(['a', 'b'])
    expect(set.emulator.failures[0]!.body.requestContext.condition).toBe('RetriesExhausted')
  })

  it('records are dropped and counted where there is no destination', async () => {
    const set = await scene({ ...provisioned, retriesMax: 0 }, crash)
    send(set, 0, 2)
    await set.emulator.drain()
    expect(set.emulator.counts()).toMatchObject({ dropped: 2, committed: 2, onFailureDelivered: 0 })
  })

  it('without a maximum there are eleven attempts if there is a destination', async () => {
    const set = await scene(provisioned, crash, { onFailure: 'sns' })
    send(set, 0, 1)
    await set.emulator.drain()
    expect(set.given()).toHaveLength(11)
    expect(set.emulator.failures).toHaveLength(1)
  })

  it('only the records that failed are given up', async () => {
    const settings = { ...provisioned, retriesMax: 1, reportFailures: true }
    const name = { itemIdentifier: { partition: 'orders-0', offset: 1 } }
    const set = await scene(settings, () => ({ batchItemFailures: [name] }), { onFailure: 's3' })
    send(set, 0, 3)
    await set.emulator.drain()
    expect(set.given()).toEqual(['0:0 0:1 0:2', '0:1'])
    const { body } = set.emulator.failures[0]!
    expect(Object.values(JSON.parse(body.payload as string).records).flat()).toMatchObject([{ offset: 1 }])
  })
})

describe('a record that is too old', () => {
  const settings = { ...provisioned, recordAgeMaxMs: 60_000, ageCondition: 'TooOld' }

  it('is not given to the function, the others of its batch are', async () => {
    const set = await scene(settings, undefined, { onFailure: 'sqs' })
    const nowMs = set.emulator.nowMs()
    set.emulator.send({ timestampMs: nowMs - 60_000 })
    set.emulator.send({ timestampMs: nowMs - 59_000 })
    await set.emulator.drain()
    expect(set.given()).toEqual(['0:1'])
    const { requestContext, responseContext } = set.emulator.failures[0]!.body
    expect(requestContext).toMatchObject({ condition: 'TooOld', approximateInvokeCount: 0 })
    expect(responseContext).toBeNull()
  })

  it('is given up between two attempts', async () => {
    const set = await scene(settings, crash)
    send(set, 0, 1)
    await set.emulator.advance(58_000)
    expect(set.emulator.counts().dropped).toBe(0)
    await set.emulator.advance(4_000)
    expect(set.emulator.counts()).toMatchObject({ dropped: 1, committed: 1 })
  })
})

it('records of a batch become too old one by one; the others are tried again', async () => {
  const set = await scene({ ...provisioned, recordAgeMaxMs: 60_000 }, (names) => names.length > 1 && crash())
  const nowMs = set.emulator.nowMs()
  set.emulator.send({ timestampMs: nowMs - 50_000 })
  set.emulator.send({ timestampMs: nowMs })
  await set.emulator.drain()
  expect(set.given().at(-1)).toBe('0:1')
  expect(set.given().slice(0, -1)).toEqual(Array(set.given().length - 1).fill('0:0 0:1'))
  expect(set.emulator.counts()).toMatchObject({ dropped: 1, committed: 2 })
})

describe('a record that no event can hold', () => {
  const settings = { payloadBytesMax: 1_000 }
  const sendThree = (set: Awaited<ReturnType<typeof scene>>): void => {
    for (const bytes of [1, 2_000, 1]) set.emulator.send({ value: 'x'.repeat(bytes) })
  }

  it('is given up, also on demand', async () => {
    const set = await scene(settings, undefined, { onFailure: 'sqs' })
    sendThree(set)
    await set.emulator.drain()
    expect(set.given()).toEqual(['0:0', '0:2'])
    expect(set.emulator.failures[0]!.body).toMatchObject({
      requestContext: { condition: 'MaximumPayloadSizeExceeded' },
      responseContext: null,
    })
    expect(await set.emulator.committed()).toEqual([3])
  })

  it('is delivered all the same if the switch says so', async () => {
    const set = await scene({ ...settings, oversize: 'deliver' })
    sendThree(set)
    await set.emulator.drain()
    expect(set.given()).toEqual(['0:0', '0:1', '0:2'])
  })
})
