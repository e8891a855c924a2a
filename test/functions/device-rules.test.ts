import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Alert } from '#millrace'
import { testDriver } from '#millrace/testing'
import { deviceRulesProcessor } from '../../functions/device-rules.ts'
import type { Authorization } from '../../functions/fraud/card.ts'
import { fraudSettings } from '../../functions/fraud-settings.ts'
import { authorizations, ruleAlerts } from '../../functions/topics.ts'
import { parseFlags } from '../../local/cli/flags.ts'
import { runOptions } from '../../local/cli/options.ts'
import { HandClock } from '../../local/emulator/hand-clock.ts'
import { diskBroker } from '../../local/log/disk-broker.ts'
import { run } from '../../local/run/run.ts'
import { stageHandler } from '../../shared/runtime/handler.ts'
import { temporaryDirectory } from '../local/temporary.ts'
import { payment } from './fraud/rule-fixture.ts'

const processors = [deviceRulesProcessor, fraudSettings.processor]

/** Five cards on one device, with others between them: `many-cards` speaks at the fifth. */
const history: readonly Authorization[] = ['a', 'b', 'c', 'd', 'e'].flatMap((card, n) => [
  payment({ id: `shared ${card}`, cardId: `card-${card}`, deviceId: 'shared', at: 1_000 * n }),
  payment({ id: `other ${card}`, cardId: `card-${card}`, deviceId: `own-${card}`, at: 1_000 * n + 1 }),
])
const shared = history.flatMap(({ id }) => (id.startsWith('shared') ? [id] : []))

/** Ids of the payments that an alert names, looked up in the source topic by what the alert says. */
async function lookedUp(
  alert: Pick<Alert, 'events'>,
  idAt: (partition: number, offset: number) => string | Promise<string>,
) {
  expect(alert.events.map(({ topic }) => topic)).toEqual(shared.map(() => 'authorizations'))
  return await Promise.all(alert.events.map(({ partition, offset }) => idAt(partition, offset)))
}

describe('an alert of device-rules names the payments where an analyst finds them, in the topic authorizations', () => {
  it.each([
    { title: 'in a test driver', headers: {} },
    {
      title: 'whatever headers of ours a producer has written',
      headers: { mr: 'device-rules.1.rekey.0;77.0;5', mo: '88', 'mr-progress': '0;5' },
    },
  ])('$title', async ({ headers }) => {
    const driver = testDriver(processors)
    for (const each of history) await driver.pipe(authorizations, each, { headers })
    await driver.closeWindows()
    const [alert, ...more] = await driver.output(ruleAlerts)
    expect(more).toEqual([])
    const source = await driver.output(authorizations)
    const idAt = (partition: number, offset: number) =>
      source.find((each) => each.partition === partition && each.offset === offset)!.value!.id
    expect(await lookedUp(alert!.value!, idAt)).toEqual(shared)
    const { topic, partition, offset } = alert!.value!.events.at(-1)!
    expect(alert!.value!.id).toBe(`many-cards/${topic}/${partition}/${offset}/shared`)
  })

  it('in a run on a laptop', async () => {
    const [data, output] = [temporaryDirectory(), temporaryDirectory()]
    const input = join(output, 'input.ndjson')
    writeFileSync(input, history.map((each) => JSON.stringify(each)).join('\n'))
    const from = ['--input', input, '--topic', 'authorizations', '--data', data]
    const flags = [...from, '--output', output, '--exit', '--close-windows']
    const view = { everyMs: 1_000, say: () => {}, show: () => {}, end: () => {} }
    await run(runOptions(parseFlags(flags), processors), {
      newHandler: stageHandler,
      view,
      interrupted: new Promise(() => {}),
    })
    const [alert] = readFileSync(join(output, 'rule-alerts.ndjson'), 'utf8').split('\n')
    const broker = diskBroker(data, new HandClock())
    const idAt = async (partition: number, offset: number) => {
      const [record] = await broker.fetch('authorizations', partition, offset, { maxRecords: 1, maxBytes: 100_000 })
      return (JSON.parse(Buffer.from(record!.value!).toString()) as Authorization).id
    }
    expect(await lookedUp((JSON.parse(alert!) as { value: Alert }).value, idAt)).toEqual(shared)
    await broker.close()
  }, 30_000)
})
