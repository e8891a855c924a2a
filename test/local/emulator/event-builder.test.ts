import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventBuilder } from '../../../local/emulator/event-builder.ts'
import type { BrokerRecord } from '../../../shared/broker/broker.ts'

const SOURCE = { eventSource: 'SelfManagedKafka', bootstrapServers: 'a:9092,b:9092' } as const
const shape = { payloadBytesMax: 10_000_000, nulls: 'absent', headerBytes: 'unsigned' } as const

const record = (fields: Partial<BrokerRecord> = {}): BrokerRecord => ({
  topic: 'topic-with-dashes',
  partition: 3,
  offset: 17,
  timestampMs: 1_700_000_000_000,
  timestampType: 'LOG_APPEND_TIME',
  key: Buffer.from('key'),
  value: Buffer.from('{"a":1}'),
  headers: [],
  ...fields,
})

describe('an event', () => {
  it('has the documented shape', () => {
    const event = new EventBuilder(SOURCE, shape)
    event.add(record({ headers: [['mr', Uint8Array.of(65, 200)]] }))
    event.add(record({ offset: 18, key: null, value: null }))
    event.add(record({ partition: 0, offset: 4, value: Uint8Array.of(0xff, 0xfe) }))
    const common = { topic: 'topic-with-dashes', timestamp: 1_700_000_000_000, timestampType: 'LOG_APPEND_TIME' }
    expect(event.event()).toEqual({
      ...SOURCE,
      records: {
        'topic-with-dashes-3': [
          { ...common, partition: 3, offset: 17, key: 'a2V5', value: 'eyJhIjoxfQ==', headers: [{ mr: [65, 200] }] },
          { ...common, partition: 3, offset: 18, headers: [] },
        ],
        'topic-with-dashes-0': [{ ...common, partition: 0, offset: 4, key: 'a2V5', value: '//4=', headers: [] }],
      },
    })
    expect('key' in event.event().records['topic-with-dashes-3']![1]!).toBe(false)
  })

  it('shows null keys and values as null when told so, and header bytes with a sign', () => {
    const event = new EventBuilder(SOURCE, { ...shape, nulls: 'null', headerBytes: 'signed' })
    event.add(record({ key: null, value: null, headers: [['h', Uint8Array.of(127, 128, 255)]] }))
    expect(event.event().records['topic-with-dashes-3']![0]).toMatchObject({
      key: null,
      value: null,
      headers: [{ h: [127, -128, -1] }],
    })
  })

  it('knows the size of its JSON to the byte', () => {
    const bytes = fc.uint8Array({ maxLength: 40 })
    const records = fc.array(
      fc.record({
        topic: fc.constantFrom('t', 'other-topic'),
        partition: fc.integer({ min: 0, max: 120 }),
        offset: fc.maxSafeNat(),
        timestampMs: fc.constantFrom(0, 5, 999_999_999_999, 1_700_000_000_000, 9_999_999_999_999, 10_000_000_000_000),
        timestampType: fc.constantFrom('CREATE_TIME' as const, 'LOG_APPEND_TIME' as const),
        key: fc.option(bytes),
        value: fc.option(bytes),
        headers: fc.array(fc.tuple(fc.constantFrom('mr', 'ü"'), bytes), { maxLength: 3 }),
      }),
      { maxLength: 20 },
    )
    const shapes = fc.record({
      payloadBytesMax: fc.constant(10_000_000),
      nulls: fc.constantFrom('absent' as const, 'null' as const),
      headerBytes: fc.constantFrom('unsigned' as const, 'signed' as const),
    })
    fc.assert(
      fc.property(records, shapes, (all, shape) => {
        const event = new EventBuilder(SOURCE, shape)
        // A mapping reads one topic, but the size must hold for any.
        for (const each of all) event.add({ ...each, topic: 't' })
        expect(event.bytes).toBe(Buffer.byteLength(JSON.stringify(event.event())))
      }),
    )
  })

  it('ends before the record that would make it too large, and takes a first one whatever its size', () => {
    const one = new EventBuilder(SOURCE, shape)
    one.add(record())
    const two = new EventBuilder(SOURCE, shape)
    two.add(record())
    two.add(record())
    const limited = (payloadBytesMax: number): EventBuilder => new EventBuilder(SOURCE, { ...shape, payloadBytesMax })
    const exact = limited(two.bytes)
    expect([exact.add(record()), exact.add(record()), exact.add(record())]).toEqual([true, true, false])
    expect(exact.bytes).toBe(two.bytes)
    const short = limited(two.bytes - 1)
    expect([short.add(record()), short.add(record())]).toEqual([true, false])
    expect(limited(10).add(record())).toBe(true)
  })
})
