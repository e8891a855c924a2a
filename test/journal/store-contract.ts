import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ITEM_BYTES_MAX, type JournalItem, type JournalStore, type PutCondition } from '../../shared/journal/store.ts'

export interface JournalStoreUnderTest {
  readonly store: JournalStore
  stop(): Promise<void>
}

let keys = 0
const newKey = (): string => `contract.1.${++keys}.c.0`

const item = (fields: Partial<JournalItem> & { key: string }): JournalItem => ({
  seq: 1,
  head: '{"ring":8}',
  body: Buffer.from('body'),
  ...fields,
})

/** What every {@link JournalStore} does. `make` is called once for the whole suite. */
export function journalStoreContract(name: string, make: () => Promise<JournalStoreUnderTest>): void {
  describe(`${name} keeps the JournalStore contract`, () => {
    let subject: JournalStoreUnderTest
    let store: JournalStore
    beforeAll(async () => {
      subject = await make()
      store = subject.store
    })
    afterAll(() => subject?.stop())

    const stored = async (key: string): Promise<number | undefined> => (await store.read([key])).get(key)?.seq
    const putAnyway = async (key: string, seq: number): Promise<void> => {
      expect(await store.put(item({ key, seq }), { ifAbsent: true })).toBe('written')
    }

    describe('a put happens when any of its conditions holds', () => {
      const stands = { nothing: undefined, 'seq 5': 5 } as const
      const table: [PutCondition, keyof typeof stands, 'written' | 'refused'][] = [
        [{ ifAbsent: true }, 'nothing', 'written'],
        [{ ifAbsent: true }, 'seq 5', 'refused'],
        [{ ifAbsent: false }, 'nothing', 'refused'],
        [{ ifSeq: 5 }, 'nothing', 'refused'],
        [{ ifSeq: 5 }, 'seq 5', 'written'],
        [{ ifSeq: 4 }, 'seq 5', 'refused'],
        [{ ifSeq: 6 }, 'seq 5', 'refused'],
        [{ ifSeqBelow: 6 }, 'nothing', 'refused'],
        [{ ifSeqBelow: 6 }, 'seq 5', 'written'],
        [{ ifSeqBelow: 5 }, 'seq 5', 'refused'],
        [{ ifAbsent: true, ifSeq: 5 }, 'nothing', 'written'],
        [{ ifAbsent: true, ifSeq: 5 }, 'seq 5', 'written'],
        [{ ifAbsent: true, ifSeq: 4 }, 'seq 5', 'refused'],
        [{ ifAbsent: true, ifSeqBelow: 9 }, 'nothing', 'written'],
        [{ ifAbsent: true, ifSeqBelow: 9 }, 'seq 5', 'written'],
        [{ ifAbsent: true, ifSeqBelow: 3 }, 'seq 5', 'refused'],
        [{ ifSeq: 5, ifSeqBelow: 3 }, 'seq 5', 'written'],
        [{ ifSeq: 9, ifSeqBelow: 6 }, 'seq 5', 'written'],
        [{ ifSeq: 9, ifSeqBelow: 3 }, 'seq 5', 'refused'],
        [{ ifAbsent: true, ifSeq: 0 }, 'nothing', 'written'],
        [{ ifSeq: -7 }, 'seq 5', 'refused'],
        [{}, 'nothing', 'refused'],
        [{}, 'seq 5', 'refused'],
      ]
      it.each(table)('%j over %s: %s', async (condition, standing, outcome) => {
        const key = newKey()
        const before = stands[standing]
        if (before !== undefined) await putAnyway(key, before)
        expect(await store.put(item({ key, seq: 77 }), condition)).toBe(outcome)
        expect(await stored(key)).toBe(outcome === 'written' ? 77 : before)
      })
    })

    it('replaces the whole item', async () => {
      const key = newKey()
      await store.put(item({ key, seq: 1, head: 'old', body: Buffer.from('a long old body') }), { ifAbsent: true })
      await store.put(item({ key, seq: 2, head: 'new', body: Buffer.from('b') }), { ifSeq: 1 })
      const { body, ...rest } = (await store.read([key])).get(key)!
      expect({ ...rest, body: Buffer.from(body).toString() }).toEqual({ key, seq: 2, head: 'new', body: 'b' })
    })

    it.each([
      ['every byte', Uint8Array.from({ length: 256 }, (_, n) => n)],
      ['nothing', new Uint8Array()],
      ['300 KB', Uint8Array.from({ length: 300 * 1024 }, (_, n) => (n * 31) % 251)],
    ])('gives a body of %s back as it was', async (_, body) => {
      const key = newKey()
      await store.put(item({ key, body }), { ifAbsent: true })
      expect(Buffer.from((await store.read([key])).get(key)!.body).equals(body)).toBe(true)
    })

    it('keeps sequence numbers up to 2^53 - 1 exact', async () => {
      const key = newKey()
      await putAnyway(key, Number.MAX_SAFE_INTEGER - 1)
      expect(await store.put(item({ key, seq: Number.MAX_SAFE_INTEGER }), { ifSeq: Number.MAX_SAFE_INTEGER })).toBe(
        'refused',
      )
      expect(await store.put(item({ key, seq: Number.MAX_SAFE_INTEGER }), { ifSeq: Number.MAX_SAFE_INTEGER - 1 })).toBe(
        'written',
      )
      expect(await stored(key)).toBe(Number.MAX_SAFE_INTEGER)
    })

    it('reads what was just written, every time', async () => {
      const key = newKey()
      await putAnyway(key, 0)
      for (let seq = 1; seq <= 20; seq++) {
        expect(await store.put(item({ key, seq }), { ifSeq: seq - 1 })).toBe('written')
        expect(await stored(key)).toBe(seq)
      }
    })

    it('leaves keys out that do not exist', async () => {
      const [there, absent] = [newKey(), newKey()]
      await putAnyway(there, 3)
      expect([...(await store.read([absent, there])).keys()]).toEqual([there])
      expect((await store.read([absent])).size).toBe(0)
      expect((await store.read([])).size).toBe(0)
    })

    it('reads 100 keys at once, also when that is more than one answer holds', async () => {
      const wanted = Array.from({ length: 100 }, newKey)
      const body = new Uint8Array(180_000).fill(7)
      for (const [seq, key] of wanted.entries()) await store.put(item({ key, seq, body }), { ifAbsent: true })
      const found = await store.read(wanted)
      expect(wanted.map((key) => found.get(key)?.seq)).toEqual(wanted.map((_, seq) => seq))
    })

    it('refuses an item above the limit, says so, and keeps the old one', async () => {
      const key = newKey()
      await putAnyway(key, 1)
      const tooLarge = store.put(item({ key, seq: 2, body: new Uint8Array(ITEM_BYTES_MAX) }), { ifSeq: 1 })
      await expect(tooLarge).rejects.toMatchObject({ code: 'JOURNAL_ITEM_TOO_LARGE', retriable: false })
      expect(await stored(key)).toBe(1)
    })

    it.each([
      ['an empty slot', undefined],
      ['a slot to be taken over', 4],
    ])('lets exactly one of 20 win %s', async (_, standing) => {
      const key = newKey()
      if (standing !== undefined) await putAnyway(key, standing)
      const condition = standing === undefined ? { ifAbsent: true } : { ifSeq: standing }
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, n) => store.put(item({ key, seq: 100 + n }), condition)),
      )
      expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(1)
      expect(await stored(key)).toBe(100 + outcomes.indexOf('written'))
    })

    it('counts what its calls cost', async () => {
      const key = newKey()
      const before = { ...store.usage }
      await store.put(item({ key, body: new Uint8Array(5_000) }), { ifAbsent: true })
      await store.read([key])
      expect(store.usage.writes - before.writes).toBe(1)
      expect(store.usage.writeUnits - before.writeUnits).toBe(5)
      expect(store.usage.reads - before.reads).toBe(1)
      expect(store.usage.readUnits - before.readUnits).toBe(2)
    })
  })
}
