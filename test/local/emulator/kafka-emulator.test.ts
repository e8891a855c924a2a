import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { kafkaEmulator } from '../../../local/emulator/kafka-emulator.ts'
import { awkwardRecords } from '../../../local/emulator/sent-record.ts'
import { partitionFor } from '../../../shared/sinks/partitioner.ts'
import { scene, send } from './scene.ts'

const text = (base64: string | null | undefined): string => Buffer.from(base64 ?? '', 'base64').toString()

describe('records that are sent', () => {
  it('go to their partition, else to that of their key, else to each in turn', async () => {
    const set = await scene({}, undefined, { partitions: 5 })
    set.emulator.send({ partition: 4, key: 'a' })
    set.emulator.send({ key: 'a' })
    set.emulator.send({ value: 'c' })
    set.emulator.send({ value: 'd' })
    await set.emulator.drain()
    const where = Object.values(set.emulator.events[0]!.records).flat()
    expect(where.map(({ partition }) => partition).toSorted()).toEqual([4, partitionFor('a', 5), 2, 3].toSorted())
  })

  it('are text and bytes as they are, anything else as JSON, at the time of the clock', async () => {
    const set = await scene({}, undefined, { nowMs: 7_000 })
    for (const value of ['text', Uint8Array.of(104, 105), { a: 1 }, [1]]) set.emulator.send({ value })
    await set.emulator.drain()
    const records = Object.values(set.emulator.events[0]!.records).flat()
    expect(records.map(({ value }) => text(value))).toEqual(['text', 'hi', '{"a":1}', '[1]'])
    expect(records.map(({ timestamp }) => timestamp)).toEqual([7_000, 7_000, 7_000, 7_000])
  })

  it('may be of every kind that takes handlers by surprise', async () => {
    const set = await scene({})
    for (const record of Object.values(awkwardRecords)) set.emulator.send(record)
    await set.emulator.drain()
    const given = set.emulator.events[0]!.records['orders-0']!
    const byName = Object.fromEntries(Object.keys(awkwardRecords).map((name, n) => [name, given[n]!]))
    expect('value' in byName['a tombstone']!).toBe(false)
    expect('key' in byName['no key']!).toBe(false)
    expect(byName['an empty key']!.key).toBe('')
    expect(byName['an empty value']!.value).toBe('')
    expect([...Buffer.from(byName['a value that is not UTF-8']!.value!, 'base64')]).toEqual([0xff, 0xfe, 0])
    expect(byName['a header twice']!.headers).toEqual([{ name: [97] }, { name: [98] }])
    expect(byName['a header without bytes']!.headers).toEqual([{ empty: [] }])
    expect(byName['a header with bytes above 127']!.headers).toEqual([{ bytes: [0, 127, 128, 255] }])
    expect(byName['a timestamp of 0']!.timestamp).toBe(0)
  })
})

describe('draining', () => {
  it('waits for a function that waits for real things, and lets no time pass meanwhile', async () => {
    const set = await scene({}, () => setTimeout(20))
    send(set, 0, 1)
    const startMs = set.emulator.nowMs()
    await set.emulator.drain()
    expect(set.emulator.nowMs() - startMs).toBe(500)
  })

  it('ends with what is wrong when a record never succeeds', async () => {
    const set = await scene({}, () => Promise.reject(new Error('no such order')))
    send(set, 0, 1)
    await expect(set.emulator.drain({ withinMs: 60_000 })).rejects.toThrow('no such order')
  })
})

it('a function is told what Lambda tells it', async () => {
  const contexts: unknown[] = []
  const emulator = await kafkaEmulator({
    topic: 'orders',
    timeoutMs: 9_000,
    handler: (_, context) => {
      contexts.push({ ...context, remainingMs: context.getRemainingTimeInMillis() })
    },
  })
  emulator.send({})
  await emulator.drain()
  await emulator.stop()
  expect(contexts).toMatchObject([
    {
      awsRequestId: 'function-0-1',
      functionName: 'function',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:function',
      logGroupName: '/aws/lambda/function',
      remainingMs: 9_000,
    },
  ])
})

it('stopping does not wait for a function that never answers', async () => {
  const set = await scene({}, () => new Promise(() => undefined))
  send(set, 0, 1)
  await set.emulator.advance(500)
  await set.emulator.stop()
  expect(set.given()).toEqual(['0:0'])
})

it('records that a function names keep their order only if it names all behind them; they are given up together then', async () => {
  const settings = { pollersMax: 1, reportFailures: true, retriesMax: 1 }
  const done: string[] = []
  const set = await scene(
    settings,
    (names) => {
      const from = names.indexOf('0:1')
      const bad = from < 0 ? [] : names.slice(from)
      done.push(...names.filter((name) => !bad.includes(name)))
      return {
        batchItemFailures: bad.map((name) => ({
          itemIdentifier: { partition: 'orders-0', offset: Number(name.split(':')[1]) },
        })),
      }
    },
    { onFailure: 'sqs' },
  )
  send(set, 0, 3)
  await set.emulator.drain()
  expect(done).toEqual(['0:0'])
  expect(set.emulator.failures[0]!.body.KafkaBatchInfo.batchSize).toBe(2)
})
