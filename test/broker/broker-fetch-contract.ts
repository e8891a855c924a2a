import { describe, expect, it } from 'vitest'
import type { BrokerRecord } from '../../shared/broker/broker.ts'
import { ALL, type BrokerUnderTest, NOW, newTopic, numbered, readAll, values } from './broker-under-test.ts'

/** The part of the contract that is about reading records. */
export function fetchContract(given: () => BrokerUnderTest): void {
  describe('fetch', () => {
    const make = async (partitions = 1) => {
      const subject = given()
      const { broker } = subject
      return { subject, broker, topic: await newTopic(broker, partitions) }
    }
    it('gives records as they were written', async () => {
      const { subject, broker, topic } = await make(2)
      await subject.append(topic, 1, [
        { key: 'key', value: 'välue', headers: { mr: 'a;1.2;3', other: '' }, timestampMs: NOW },
        { key: null, value: null, timestampMs: NOW - 5_000 },
        { key: '', value: '', timestampMs: NOW + 1 },
      ])
      const common = { topic, partition: 1, timestampType: 'CREATE_TIME' }
      expect((await broker.fetch(topic, 1, 0, ALL)).map(plain)).toEqual([
        {
          ...common,
          offset: 0,
          key: 'key',
          value: 'välue',
          timestampMs: NOW,
          headers: [
            ['mr', 'a;1.2;3'],
            ['other', ''],
          ],
        },
        { ...common, offset: 1, key: null, value: null, timestampMs: NOW - 5_000, headers: [] },
        { ...common, offset: 2, key: '', value: '', timestampMs: NOW + 1, headers: [] },
      ])
    })

    it('starts where it is told to, inside what was written at once', async () => {
      const { subject, broker, topic } = await make()
      await subject.append(topic, 0, numbered(0, 10))
      const records = await broker.fetch(topic, 0, 7, ALL)
      expect(values(records)).toEqual(['v7', 'v8', 'v9'])
      expect(records[0]!.offset).toBe(7)
    })

    it('is empty at the end and beyond it, and never waits', async () => {
      const { subject, broker, topic } = await make()
      expect(await broker.fetch(topic, 0, 0, ALL)).toEqual([])
      await subject.append(topic, 0, numbered(0, 2))
      expect(await broker.fetch(topic, 0, 2, ALL)).toEqual([])
      expect(await broker.fetch(topic, 0, 99, ALL)).toEqual([])
    })

    it('finds what was appended after an empty answer', async () => {
      const { subject, broker, topic } = await make()
      await subject.append(topic, 0, numbered(0, 1))
      expect(values(await broker.fetch(topic, 0, 0, ALL))).toEqual(['v0'])
      expect(await broker.fetch(topic, 0, 1, ALL)).toEqual([])
      await subject.append(topic, 0, numbered(1, 1))
      expect(values(await broker.fetch(topic, 0, 1, ALL))).toEqual(['v1'])
    })

    it('starts at the oldest record left when asked for an older one', async () => {
      const { subject, broker, topic } = await make()
      await subject.append(topic, 0, numbered(0, 10))
      await subject.deleteRecordsBefore(topic, 0, 6)
      expect(values(await broker.fetch(topic, 0, 2, ALL))).toEqual(['v6', 'v7', 'v8', 'v9'])
    })

    it('returns at most maxRecords', async () => {
      const { subject, broker, topic } = await make()
      await subject.append(topic, 0, numbered(0, 10))
      expect(values(await broker.fetch(topic, 0, 3, { ...ALL, maxRecords: 2 }))).toEqual(['v3', 'v4'])
    })

    it('stops after the record that reaches maxBytes, and returns at least one', async () => {
      const { subject, broker, topic } = await make()
      await subject.append(topic, 0, numbered(0, 10)) // 4 bytes of key and value each
      expect(await broker.fetch(topic, 0, 0, { ...ALL, maxBytes: 8 })).toHaveLength(2)
      expect(await broker.fetch(topic, 0, 0, { ...ALL, maxBytes: 9 })).toHaveLength(3)
      expect(await broker.fetch(topic, 0, 0, { ...ALL, maxBytes: 1 })).toHaveLength(1)
    })

    it('gives the same records again when asked again, in any steps', async () => {
      const { subject, broker, topic } = await make()
      for (let n = 0; n < 5; n += 1) await subject.append(topic, 0, numbered(n * 100, 100))
      const all = await readAll(broker, topic, 0, ALL)
      expect(values(all)).toEqual(numbered(0, 500).map(({ value }) => value))
      expect(values(await readAll(broker, topic, 0, { ...ALL, maxRecords: 7 }))).toEqual(values(all))
      expect(values(await readAll(broker, topic, 0, { ...ALL, maxBytes: 50 }))).toEqual(values(all))
      expect(values(await broker.fetch(topic, 0, 250, { ...ALL, maxRecords: 3 }))).toEqual(['v250', 'v251', 'v252'])
    })

    it('of a partition that does not exist is an error of the caller', async () => {
      const { broker, topic } = await make(2)
      await expect(broker.fetch(topic, 2, 0, ALL)).rejects.toMatchObject({ code: 'USAGE' })
    })
  })
}

function plain(record: BrokerRecord) {
  const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString())
  const headers = record.headers.map(([name, value]) => [name, text(value)])
  return { ...record, key: text(record.key), value: text(record.value), headers }
}
