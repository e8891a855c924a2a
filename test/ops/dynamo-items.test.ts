import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dynamoItems } from '../../ops/targets/dynamo-items.ts'
import { dynamoJournalStore, ensureJournalTable } from '../../shared/journal/dynamodb.ts'
import { startDynalite } from '../journal/dynalite.ts'

describe('the items of a journal table', () => {
  let server: Awaited<ReturnType<typeof startDynalite>>
  beforeAll(async () => {
    server = await startDynalite()
  })
  afterAll(() => server.stop())

  const keysOf = async (table: string): Promise<string[]> => {
    const found: string[] = []
    for await (const some of dynamoItems(server.client, table).keys()) found.push(...some)
    return found.toSorted()
  }

  it('are all listed, over several pages, and only those that are given are deleted', async () => {
    await ensureJournalTable(server.client, 'journal')
    const store = dynamoJournalStore({ client: server.client, table: 'journal' })
    const keys = Array.from({ length: 60 }, (_, i) => `p.1.0.c.${String(i).padStart(2, '0')}`)
    // Above 1 MB, which is a page.
    for (const key of keys)
      await store.put({ key, seq: 1, head: '{}', body: new Uint8Array(30_000) }, { ifAbsent: true })
    expect(await keysOf('journal')).toEqual(keys)
    await dynamoItems(server.client, 'journal').delete([...keys.slice(0, 55), 'there is none'])
    expect(await keysOf('journal')).toEqual(keys.slice(55))
    await dynamoItems(server.client, 'journal').delete([])
  }, 30_000)

  it('are none where there is no table', async () => {
    expect(await keysOf('missing')).toEqual([])
  })
})
