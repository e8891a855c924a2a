import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { count, minutes, processor, seconds, sum, topic, tumbling } from '#millrace'
import { logs, transactions } from '../../../functions/topics.ts'
import { parseFlags } from '../../../local/cli/flags.ts'
import { runOptions } from '../../../local/cli/options.ts'
import { run } from '../../../local/run/run.ts'
import { stageHandler } from '../../../shared/runtime/handler.ts'
import { temporaryDirectory } from '../temporary.ts'

const activity = topic('activity', {
  schema: z.object({ key: z.number(), both: z.number(), payments: z.number() }),
  partitions: 1,
})
const perShard = processor('activity')
  .cogroup({
    payment: (source) => source.from(transactions).keyBy(({ id }) => id.length % 3),
    line: (source) => source.from(logs).keyBy(({ message }) => message.length % 3),
  })
  .window(tumbling(minutes(1)).grace(seconds(10)))
  .aggregate({ both: count(), payments: sum(({ source }) => (source === 'payment' ? 1 : 0)) })
  .to(activity)

it('a laptop run takes several sources to their one aggregate, and its counts add up', async () => {
  const output = temporaryDirectory()
  const flags = ['--events', '3000', '--rate', '1000000', '--exit', '--close-windows', '--output', output]
  const view = { everyMs: 1_000, say: () => {}, show: () => {}, end: () => {} }
  const summary = await run(runOptions(parseFlags(flags), [perShard]), {
    newHandler: stageHandler,
    view,
    interrupted: new Promise(() => {}),
  })
  expect(summary).toMatchObject({ produced: 3_000, problems: [] })
  const { read, counted, late, openTimers } = summary.processors.activity!
  expect({ read, counted: counted + late, openTimers }).toEqual({ read: 3_000, counted: 3_000, openTimers: 0 })
  const results = readFileSync(join(output, 'activity.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { value: { both: number; payments: number } }).value)
  const total = (of: 'both' | 'payments') => results.reduce((all, value) => all + value[of], 0)
  expect(total('both')).toBe(counted)
  expect(total('payments')).toBeGreaterThan(0)
  expect(total('payments')).toBeLessThan(counted)
}, 60_000)
