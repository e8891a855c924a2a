import { describe, expect, it } from 'vitest'
import { settingsApply } from '../../ops/commands/settings-change.ts'
import { most, ruledShop, START } from './ruled-shop.ts'

describe('settings apply', () => {
  it('without --yes says what would change, and sends nothing', async () => {
    const { tryOut, sent, rig, target } = await ruledShop()
    expect(await tryOut(most(40))).toMatchObject({
      before: 0,
      version: 1,
      changes: [{ rule: 'large', what: 'parameters.most', before: 100, after: 40 }],
      sent: false,
    })
    const { text } = await settingsApply(target, rig.plan, 'ruled', most(40), {
      note: undefined,
      yes: false,
      nowMs: START,
    })
    expect(text).toMatch(/Version 1 of limits against what is declared/)
    expect(text).toMatch(/large +│ parameters.most │ 100 +│ 40/)
    expect(text).toMatch(/Nothing is sent yet: do it with --yes/)
    expect(await sent()).toBe(0)
  })

  it('with --yes puts the change on the topic, so that the processor makes it the version in force', async () => {
    const { apply, show, sent, run } = await ruledShop()
    expect((await apply(most(40), 'why')).json).toMatchObject({ version: 1, sent: true })
    expect(await sent()).toBe(1)
    await run()
    expect((await show()).inForce).toMatchObject({ version: 1, document: most(40), note: 'why' })
  })

  const parts = (n: number, length: number) => Array.from({ length: n }, (_, i) => `${i}`.padEnd(length, 'x'))
  it.each([
    { problem: 'a rule that is not', document: { rules: { typo: {} } }, says: /at rules: it has no "typo"/ },
    {
      problem: 'a parameter that is not',
      document: { rules: { large: { parameters: { least: 3 } } } },
      says: /SETTINGS/,
    },
    { problem: 'a value out of range', document: { rules: { many: { parameters: { within: 11 } } } }, says: /within/ },
    { problem: 'a word for a switch', document: { rules: { many: { on: 'yes' } } }, says: /rules.many.on/ },
    { problem: 'a list that is none', document: { lists: { a: 'b' } }, says: /lists.a/ },
    { problem: 'what stands around the document', document: { name: 'limits', document: {} }, says: /no "name"/ },
    { problem: 'a list', document: [], says: /must be an object/ },
    { problem: 'no object at all', document: 7, says: /SCHEMA.*document/ },
    { problem: 'a number that is none to JavaScript', document: most(2 ** 60), says: /NUMBER_UNSAFE/ },
    { problem: 'a hostile name', document: JSON.parse('{"lists":{"__proto__":[]}}') as unknown, says: /HOSTILE_KEY/ },
    { problem: 'a list longer than records may have', document: { lists: { a: parts(10_001, 1) } }, says: /TOO_LARGE/ },
    {
      problem: 'more than one event may write',
      document: { lists: { a: parts(11, 9_000) } },
      says: /OUTPUTS_TOO_MANY/,
    },
    { problem: 'more than state can keep', document: { lists: { a: parts(25, 9_000) } }, says: /CELL_TOO_LARGE/ },
    { problem: 'more than a record may hold', document: { lists: { a: parts(50, 9_000) } }, says: /TOO_LARGE/ },
  ])('refuses $problem with the words that the processor would park it with', async ({ document, says }) => {
    const { apply, sent, send, run, parked } = await ruledShop()
    const refusal = await apply(document).then(
      () => undefined,
      (error: Error) => error.message,
    )
    expect(refusal).toMatch(says)
    expect(await sent()).toBe(0)
    await send({ document })
    await run()
    expect((await parked()).map(({ reason, detail }) => `${reason}: ${detail}`)).toEqual([refusal])
  })

  it('takes a document of 90 KB, as the processor does', async () => {
    const { apply, run, show } = await ruledShop()
    const document = { lists: { a: parts(10, 9_000) } }
    expect(JSON.stringify(document).length).toBeGreaterThan(90_000)
    await apply(document)
    await run()
    expect((await show()).inForce).toMatchObject({ version: 1, document })
  })

  it('refuses a note that no version can keep', async () => {
    const { apply } = await ruledShop()
    await expect(apply(most(40), 'x'.repeat(1_001))).rejects.toThrow(/SCHEMA.*note/)
  })

  it.each([
    { of: 'the declarations, before the first change', document: {}, says: /as declared/ },
    { of: 'the version in force', first: most(40), document: most(40), says: /Version 1 of limits, which is in force/ },
    {
      of: 'the version in force, in another order',
      first: { lists: { a: [] }, rules: { many: { shadow: true, on: false } } },
      document: { rules: { many: { on: false, shadow: true } }, lists: { a: [] } },
      says: /Version 1 of limits, which is in force, has this very document. There is nothing to send/,
    },
  ])('refuses the document of $of', async ({ first, document, says }) => {
    const { apply, run, sent } = await ruledShop()
    if (first !== undefined) await apply(first)
    await run()
    const before = await sent()
    await expect(apply(document)).rejects.toThrow(says)
    expect(await sent()).toBe(before)
  })

  it('compares with the change that waits, where one does', async () => {
    const { apply, tryOut } = await ruledShop()
    await apply(most(40))
    await expect(apply(most(40))).rejects.toThrow(
      /Version 1 of limits, which waits to be applied, has this very document/,
    )
    expect(await tryOut({})).toMatchObject({
      before: 1,
      version: 2,
      changes: [{ what: 'parameters.most', before: 40, after: 100 }],
      waiting: 1,
    })
  })

  it('counts no version for a change that waits and will be parked', async () => {
    const { send, tryOut } = await ruledShop()
    await send({ document: { rules: { typo: {} } } })
    expect(await tryOut(most(40))).toMatchObject({ before: 0, version: 1, waiting: 1 })
  })

  it('takes a document that says the same in other words: it differs where the code is another', async () => {
    const { tryOut } = await ruledShop()
    expect(await tryOut(most(100))).toMatchObject({ version: 1, changes: [] })
  })

  it('sends the document in force again where the table has lost its row', async () => {
    const { apply, run, rig, target } = await ruledShop()
    await apply(most(40))
    await run()
    const emptied = { ...target, rows: { read: async () => undefined } }
    const again = await settingsApply(emptied, rig.plan, 'ruled', most(40), {
      note: undefined,
      yes: true,
      nowMs: START,
    })
    expect(again.json).toMatchObject({ before: 1, version: 2, changes: [], sent: true })
  })

  it('refuses to send to a topic that was made anew: its first records would count as read', async () => {
    const { apply, run, rig } = await ruledShop()
    await apply(most(40))
    await run()
    rig.broker.deleteTopic('limits')
    await rig.broker.ensureTopic(rig.plan.topics.find(({ name }) => name === 'limits')!)
    await expect(apply(most(60))).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
  })
})

describe('settings rollback', () => {
  it('makes a new version of the old document, and says what changes', async () => {
    const { apply, rollback, run, show } = await ruledShop()
    await apply(most(40))
    await apply({ rules: { many: { on: false } } })
    await run()
    const rolledBack = await rollback(1, 'back')
    expect(rolledBack.text).toMatch(/^Version 3 of limits, version 1 again, against version 2:/)
    expect(rolledBack.json).toMatchObject({
      before: 2,
      version: 3,
      changes: [
        { rule: 'large', what: 'parameters.most', before: 100, after: 40 },
        { rule: 'many', what: 'on', before: false, after: true },
      ],
      sent: true,
    })
    await run()
    expect((await show()).inForce).toMatchObject({ version: 3, document: most(40), rolledBackTo: 1, note: 'back' })
  })

  it.each([0, 3, 1_000])('refuses version %i, which never was, as the processor would', async (version) => {
    const { apply, rollback, run, sent } = await ruledShop()
    await apply(most(40))
    await apply(most(60))
    await run()
    await expect(rollback(version)).rejects.toThrow(
      `SETTINGS_INVALID: Settings refused at rollBackTo: there is no version ${version}`,
    )
    expect(await sent()).toBe(2)
  })

  it.each([1, 3])('refuses version %i, whose document is in force', async (version) => {
    const { apply, rollback, run, sent } = await ruledShop()
    await apply(most(40))
    await apply(most(60))
    await rollback(1)
    await run()
    await expect(rollback(version)).rejects.toThrow(/Version 3 of limits, which is in force, has this very document/)
    expect(await sent()).toBe(3)
  })
})
