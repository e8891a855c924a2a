import { describe, expect, it } from 'vitest'
import { dynamoJournalStore, ensureJournalTable } from '../../shared/journal/dynamodb.ts'
import { memoryJournalStore } from '../../shared/journal/memory.ts'
import { startDynalite } from './dynalite.ts'
import { journalStoreContract } from './store-contract.ts'

journalStoreContract('memoryJournalStore', async () => {
  const store = memoryJournalStore()
  return { store, stop: () => store.close() }
})

journalStoreContract('dynamoJournalStore', async () => {
  const { client, stop } = await startDynalite()
  await ensureJournalTable(client, 'journal')
  return { store: dynamoJournalStore({ client, table: 'journal' }), stop }
})

describe('dynamoJournalStore', () => {
  it('does not create a table twice', async () => {
    const { client, stop } = await startDynalite()
    await ensureJournalTable(client, 'journal')
    await ensureJournalTable(client, 'journal')
    await stop()
  })

  it('says JOURNAL_UNREACHABLE when nobody answers, and when the table is missing', async () => {
    const { client, stop } = await startDynalite()
    const store = dynamoJournalStore({ client, table: 'missing' })
    const item = { key: 'k', seq: 1, head: '', body: new Uint8Array() }
    const unreachable = { code: 'JOURNAL_UNREACHABLE', retriable: true }
    await expect(store.read(['k'])).rejects.toMatchObject(unreachable)
    await expect(store.put(item, { ifAbsent: true })).rejects.toMatchObject(unreachable)
    await stop()
    await expect(store.read(['k'])).rejects.toMatchObject(unreachable)
  })
})
