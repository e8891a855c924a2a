import { expect, it } from 'vitest'
import { z } from 'zod'
import { count, minutes, processor, seconds, topic, tumbling } from '#millrace'
import { MillraceError } from '../../shared/errors.ts'
import type { Ports } from '../../shared/runtime/ports.ts'
import { Rig } from './rig.ts'

const WINDOWS = 50_000
const START = 1_800_000_000_000

const visits = topic('visits', {
  schema: z.object({ user: z.string(), at: z.number() }),
  key: (visit) => visit.user,
  time: (visit) => visit.at,
  partitions: 1,
})
const counted = topic('counted', { schema: z.object({ key: z.string(), count: z.number() }), partitions: 1 })
const perMinute = processor('per-minute')
  .from(visits)
  .keyBy()
  .window(tumbling(minutes(1)).grace(seconds(0)))
  .aggregate({ count: count() })
  .to(counted, { map: ({ key, count }) => ({ key, count }) })

/** Every third append had its effect and is answered as failed. */
function unsteady(ports: Ports): Partial<Ports> {
  let appends = 0
  const append: Ports['topics']['append'] = async (...of) => {
    await ports.topics.append(...of)
    if (++appends % 3 === 0) throw new MillraceError('SINK_UNREACHABLE', { reason: 'no answer' })
  }
  return { topics: { ...ports.topics, append } }
}

it('one record closes 50,000 windows: in many commits, over several invocations, each window once', {
  timeout: 60_000,
}, async () => {
  const rig = await Rig.of([perMinute])
  for (let n = 0; n < WINDOWS; n++) rig.append('visits', 0, `user-${n}`, { user: `user-${n}`, at: START })
  await rig.environment('per-minute')(await rig.batch('per-minute', 0))
  rig.append('visits', 0, 'last', { user: 'last', at: START + 60_000 })

  let invocations = 0
  const closing = await rig.batch('per-minute', 0, WINDOWS)
  for (let left = true; left; invocations++) {
    const report = await rig
      .environment(
        'per-minute',
        unsteady,
      )(closing)
      .catch(() => undefined)
    left = report === undefined
  }

  const written = await rig.broker.fetch('counted', 0, 0, { maxRecords: 1_000_000, maxBytes: 1_000_000_000 })
  const byIdentity = new Map(written.map(({ headers, value }) => [Buffer.from(headers[0]![1]).toString(), value]))
  const results = [...byIdentity.values()].map(
    (value) => JSON.parse(Buffer.from(value!).toString()) as { key: string; count: number },
  )
  expect(results.every(({ count }) => count === 1)).toBe(true)
  expect(new Set(results.map(({ key }) => key)).size).toBe(WINDOWS)
  expect(results.length).toBe(WINDOWS)
  expect(written.length).toBeGreaterThan(WINDOWS)
  expect(invocations).toBeGreaterThan(1)
  const commits = new Set([...byIdentity.keys()].map((identity) => identity.split(/[;.]/)[3]))
  expect(commits.size).toBeGreaterThan(2)
})
