import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { settingsApply } from '../../ops/commands/settings-change.ts'
import { settingsNamed } from '../../ops/settings/find.ts'
import { rehearse } from '../../ops/settings/rehearse.ts'
import type { SettingsVersion } from '../../shared/processor/settings.ts'
import { most, ruledShop, START } from './ruled-shop.ts'

describe('what a change would come to', () => {
  const documents = [{}, most(40), most(60), { rules: { many: { on: false } } }, { rules: { typo: {} } }, { lists: 1 }]
  const changes = fc.oneof(
    fc.constantFrom(...documents).map((document) => ({ document })),
    fc.integer({ min: 0, max: 6 }).map((rollBackTo) => ({ rollBackTo })),
    fc.constant({}),
  )

  it('is what it comes to, whatever was sent and applied before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(changes, fc.boolean()), { maxLength: 20 }), async (steps) => {
        const { rig, target, send, run, parked } = await ruledShop()
        const said: unknown[] = []
        for (const [change, applied] of steps) {
          const value = JSON.stringify({ name: 'limits', ...change })
          const record = { key: 'limits', value, headers: {}, timestampMs: START }
          const outcome = rehearse(target, settingsNamed(rig.plan, 'ruled'), record)
          said.push(
            await outcome.then(
              ({ after }) => after,
              (error: Error) => error.message,
            ),
          )
          await send(change)
          if (applied) await run()
        }
        await run()
        const refused = new Map((await parked()).map(({ offset, reason, detail }) => [offset, `${reason}: ${detail}`]))
        // A new environment puts the newest out again, which readers drop.
        const put = await rig.read<SettingsVersion>('limits-versions')
        const made = new Map(put.map((each) => [each.version, each])).values()
        expect(said).toEqual(
          steps.map((_, offset) => {
            if (refused.has(offset)) return refused.get(offset)
            const { version, document } = made.next().value!
            return { version, document }
          }),
        )
      }),
    )
  })

  it('is not misled by another that was sent and applied while it looked', async () => {
    const { apply, run, rig, target } = await ruledShop()
    const broker = {
      ...target.broker,
      endOffsets: async (topic: string) => {
        const ends = await target.broker.endOffsets(topic)
        await apply(most(40))
        await run()
        return ends
      },
    }
    const options = { note: undefined, yes: true, nowMs: START }
    const refused = settingsApply({ ...target, broker }, rig.plan, 'ruled', { rules: { typo: {} } }, options)
    await expect(refused).rejects.toThrow(/no "typo"/)
  })
})
