import { describe, expect, it } from 'vitest'
import { settingsApply, settingsRollback } from '../../ops/commands/settings-change.ts'
import { settingsShow } from '../../ops/commands/settings-show.ts'
import { type Changed, most, ruledShop, START } from './ruled-shop.ts'
import { shop } from './shop.ts'

describe('settings show', () => {
  it('says that all is as declared before the first change', async () => {
    const { show, target, rig } = await ruledShop()
    expect(await show()).toMatchObject({ inForce: null, kept: [], waiting: 0 })
    expect((await settingsShow(target, rig.plan, 'ruled', 20)).text).toMatch(
      /limits, of ruled\n.*none: all is as declared/,
    )
  })

  it('has the version in force with its document, when it was sent and why, and those that can be gone back to', async () => {
    const { show, apply, rollback, run, target, rig } = await ruledShop()
    await apply(most(40), 'ana: the attack of Monday')
    await apply(most(60))
    await rollback(1, 'ben: not that much')
    await run()
    const versions = [
      { version: 1, document: most(40), note: 'ana: the attack of Monday', timeMs: START + 1_000, rolledBackTo: null },
      { version: 2, document: most(60), note: '', timeMs: START + 2_000, rolledBackTo: null },
      { version: 3, document: most(40), note: 'ben: not that much', timeMs: START + 3_000, rolledBackTo: 1 },
    ]
    expect(await show()).toMatchObject({ inForce: versions[2], kept: versions, waiting: 0, refused: null })
    const { text } = await settingsShow(target, rig.plan, 'ruled', 2)
    expect(text).toMatch(/version +3, sent at 2027-01-15T08:00:03.000Z: version 1 again\nnote +ben: not that much/)
    expect(text).toContain('"most": 40')
    expect(text).toMatch(/1 older ones: --last N/)
    expect(text).not.toContain('attack')
  })

  it('counts changes that are sent and not applied yet', async () => {
    const { show, apply, run } = await ruledShop()
    await apply(most(40))
    await apply(most(60))
    expect(await show()).toMatchObject({ inForce: null, kept: [], waiting: 2 })
    await run()
    expect(await show()).toMatchObject({ inForce: { version: 2 }, waiting: 0 })
  })

  it('warns of a version that was made and is not in the table', async () => {
    const { apply, run, rig, target } = await ruledShop()
    await apply(most(40))
    await run()
    const emptied = { ...target, rows: { read: async () => undefined } }
    expect((await settingsShow(emptied, rig.plan, 'ruled', 20)).text).toMatch(
      /version 1 is made, but the table has no row/,
    )
  })

  it('warns of a document in force that the code at hand does not take', async () => {
    const { rig, target } = await ruledShop()
    const old = JSON.stringify({ name: 'limits', version: 9, document: { rules: { gone: {} } }, rolledBackTo: null })
    const { json } = await settingsShow({ ...target, rows: { read: async () => old } }, rig.plan, 'ruled', 20)
    expect(json).toMatchObject({ refused: expect.stringMatching(/^SETTINGS_INVALID.*"gone"/) })
  })

  it('shows what others wrote without letting it act on the terminal', async () => {
    const { apply, run, target, rig } = await ruledShop()
    await apply({ lists: { '\u001b[2J': ['\u202e'] } }, '\u001b[2J')
    await run()
    const { text } = await settingsShow(target, rig.plan, 'ruled', 20)
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })
})

describe('the processor that is named', () => {
  const options = { note: undefined, yes: true, nowMs: START }
  it('may be the one with the rules, or the one that applies the changes', async () => {
    const { target, rig } = await ruledShop()
    for (const name of ['ruled', 'limits'])
      expect((await settingsApply(target, rig.plan, name, most(1), { ...options, yes: false })).json).toMatchObject({
        settings: 'limits',
        version: 1,
      } satisfies Partial<Changed> & { settings: string })
  })

  it.each([
    { name: 'unruled', code: 'USAGE', says: /unruled has no settings. Those that do are: ruled/ },
    { name: 'nobody', code: 'PROCESSORS_UNKNOWN', says: /no processor called "nobody"/ },
  ])('is refused when it is $name', async ({ name, code, says }) => {
    const { target, rig, sent } = await ruledShop()
    for (const asked of [
      () => settingsShow(target, rig.plan, name, 20),
      () => settingsApply(target, rig.plan, name, most(1), options),
      () => settingsRollback(target, rig.plan, name, 1, options),
    ]) {
      await expect(asked()).rejects.toMatchObject({ code })
      await expect(asked()).rejects.toThrow(says)
    }
    expect(await sent()).toBe(0)
  })

  it('must have run where the command works', async () => {
    const { rig } = await ruledShop()
    const { target } = await shop([])
    for (const asked of [
      () => settingsShow(target, rig.plan, 'ruled', 20),
      () => settingsApply(target, rig.plan, 'ruled', most(1), options),
    ])
      await expect(asked()).rejects.toThrow(/no topic limits here/)
  })
})
