import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Broker } from '../../shared/broker/broker.ts'
import { fetchContract } from './broker-fetch-contract.ts'
import { ALL, type BrokerUnderTest, newName, newTopic as newTopicOf, numbered } from './broker-under-test.ts'

/** What every {@link Broker} does. `make` is called once for the whole suite. */
export function brokerContract(name: string, make: () => Promise<BrokerUnderTest>): void {
  describe(`${name} keeps the Broker contract`, () => {
    let subject: BrokerUnderTest
    let broker: Broker
    beforeAll(async () => {
      subject = await make()
      broker = subject.broker
    })
    afterAll(() => subject?.stop())

    const newTopic = (partitions?: number) => newTopicOf(broker, partitions)

    describe('topics', () => {
      it('are undefined before they exist', async () => {
        expect(await broker.describe(newName())).toBeUndefined()
      })

      it('have an id and their partitions', async () => {
        const topic = await newTopic(3)
        expect(await broker.describe(topic)).toEqual({ id: expect.stringMatching(/./), partitions: 3 })
      })

      it('stay as they are when ensured again', async () => {
        const topic = await newTopic(2)
        const before = await broker.describe(topic)
        await subject.append(topic, 1, numbered(0, 2))
        await broker.ensureTopic({ name: topic, partitions: 5, configs: { 'retention.ms': '-1' } })
        expect(await broker.describe(topic)).toEqual(before)
        expect(await broker.endOffsets(topic)).toEqual([0, 2])
      })

      it('can be written to as soon as they are ensured, with settings of their own', async () => {
        const topic = newName()
        await broker.ensureTopic({ name: topic, partitions: 6, configs: { 'retention.ms': '-1' } })
        for (let partition = 0; partition < 6; partition += 1)
          await subject.append(topic, partition, numbered(partition, 1))
        expect(await broker.endOffsets(topic)).toEqual([1, 1, 1, 1, 1, 1])
      })

      it('get another id when made again, and start empty', async () => {
        const topic = await newTopic()
        await subject.append(topic, 0, numbered(0, 3))
        await broker.commit('group-of-a-deleted-topic', topic, [{ partition: 0, offset: 3, metadata: '' }])
        const before = await broker.describe(topic)
        expect(await broker.fetch(topic, 0, 0, ALL)).toHaveLength(3)
        await subject.deleteTopic(topic)
        await expect.poll(() => broker.describe(topic), { timeout: 10_000 }).toBeUndefined()
        await broker.ensureTopic({ name: topic, partitions: 1 })
        const after = await broker.describe(topic)
        expect(after!.id).not.toBe(before!.id)
        expect(await broker.endOffsets(topic)).toEqual([0])
        expect(await broker.fetch(topic, 0, 0, ALL)).toEqual([])
      })

      it('that do not exist are an error of the caller everywhere else', async () => {
        const topic = newName()
        const error = { code: 'USAGE' }
        await expect(broker.startOffsets(topic)).rejects.toMatchObject(error)
        await expect(broker.endOffsets(topic)).rejects.toMatchObject(error)
        await expect(broker.committed('some-group', topic)).rejects.toMatchObject(error)
        await expect(broker.fetch(topic, 0, 0, ALL)).rejects.toMatchObject(error)
        const offset = { partition: 0, offset: 1, metadata: '' }
        await expect(broker.commit('some-group', topic, [offset])).rejects.toMatchObject(error)
      })
    })

    describe('offsets', () => {
      it('start and end at zero in an empty topic', async () => {
        const topic = await newTopic(2)
        expect(await broker.startOffsets(topic)).toEqual([0, 0])
        expect(await broker.endOffsets(topic)).toEqual([0, 0])
      })

      it('end with the next record, per partition', async () => {
        const topic = await newTopic(3)
        await subject.append(topic, 0, numbered(0, 5))
        await subject.append(topic, 2, numbered(5, 7))
        expect(await broker.endOffsets(topic)).toEqual([5, 0, 7])
        expect(await broker.startOffsets(topic)).toEqual([0, 0, 0])
      })

      it('start with the oldest record left', async () => {
        const topic = await newTopic(2)
        await subject.append(topic, 0, numbered(0, 10))
        await subject.deleteRecordsBefore(topic, 0, 4)
        expect(await broker.startOffsets(topic)).toEqual([4, 0])
        expect(await broker.endOffsets(topic)).toEqual([10, 0])
        await subject.deleteRecordsBefore(topic, 0, 10)
        expect(await broker.startOffsets(topic)).toEqual([10, 0])
      })
    })

    describe('committed offsets', () => {
      it('are undefined until committed, then what was committed, metadata included', async () => {
        const topic = await newTopic(3)
        const group = `${topic}-group`
        expect(await broker.committed(group, topic)).toEqual([undefined, undefined, undefined])
        const first = { partition: 1, offset: 7, metadata: '{"é":1}' }
        await broker.commit(group, topic, [first])
        expect(await broker.committed(group, topic)).toEqual([undefined, first, undefined])
        const second = { partition: 1, offset: 5, metadata: '' }
        const other = { partition: 0, offset: 0, metadata: 'x'.repeat(4_000) }
        await broker.commit(group, topic, [second, other])
        expect(await broker.committed(group, topic)).toEqual([other, second, undefined])
      })

      it('of two groups and of two topics stay apart', async () => {
        const [one, two] = [await newTopic(), await newTopic()]
        const offset = (n: number) => ({ partition: 0, offset: n, metadata: '' })
        await broker.commit(`${one}-a`, one, [offset(1)])
        await broker.commit(`${one}-b`, one, [offset(2)])
        await broker.commit(`${one}-a`, two, [offset(3)])
        expect(await broker.committed(`${one}-a`, one)).toEqual([offset(1)])
        expect(await broker.committed(`${one}-b`, one)).toEqual([offset(2)])
        expect(await broker.committed(`${one}-a`, two)).toEqual([offset(3)])
      })

      it('may be committed as nothing at all', async () => {
        const topic = await newTopic()
        await broker.commit(`${topic}-group`, topic, [])
        expect(await broker.committed(`${topic}-group`, topic)).toEqual([undefined])
      })

      it('of a partition that does not exist are an error of the caller', async () => {
        const topic = await newTopic(2)
        const commit = broker.commit(`${topic}-group`, topic, [{ partition: 2, offset: 1, metadata: '' }])
        await expect(commit).rejects.toMatchObject({ code: 'USAGE' })
      })
    })

    describe('groups', () => {
      const offset = { partition: 0, offset: 7, metadata: '' }

      it('are known by name once they have committed, and are gone with all they committed when deleted', async () => {
        const [one, two] = [await newTopic(), await newTopic()]
        const [kept, dropped] = [`${one}.kept`, `${one}/dropped`]
        for (const group of [kept, dropped]) for (const topic of [one, two]) await broker.commit(group, topic, [offset])
        expect(await broker.groups()).toEqual(expect.arrayContaining([kept, dropped]))
        await broker.deleteGroup(dropped)
        const names = await broker.groups()
        expect([names.includes(kept), names.includes(dropped)]).toEqual([true, false])
        for (const topic of [one, two]) {
          expect(await broker.committed(dropped, topic)).toEqual([undefined])
          expect(await broker.committed(kept, topic)).toEqual([offset])
        }
      })

      it('that there are not can be deleted', async () => {
        await expect(broker.deleteGroup(`${newName()}-group`)).resolves.toBeUndefined()
      })
    })

    fetchContract(() => subject)
  })
}
