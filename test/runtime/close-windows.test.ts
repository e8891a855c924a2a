import { expect, it } from 'vitest'
import { z } from 'zod'
import { type Process, processor, topic } from '#millrace'
import { Rig } from './rig.ts'

const MINUTE_MS = 60_000
const CLOSE = { millrace: 'close-windows' } as const

const clicks = topic('clicks', {
  schema: z.object({ user: z.string(), at: z.number(), once: z.boolean() }),
  key: (click) => click.user,
  time: (click) => click.at,
  partitions: 1,
})
const fired = topic('fired', { schema: z.object({ timer: z.string(), at: z.number() }), partitions: 1 })

/** A timer that fires once, ten minutes after a record, or one that sets itself anew every minute. */
const machine: Process<{ once: boolean; at: number }, { timer: string; at: number }, string> = {
  version: 'v1',
  onRecord: (c, { value }) =>
    c.cells.put([value.once ? 'once' : 'again'], 1, value.at + (value.once ? 10 : 1) * MINUTE_MS),
  onTimer(c, cell, timeMs) {
    c.emit({ timer: cell[0], at: timeMs }, timeMs)
    if (cell[0] === 'again') c.cells.put(cell, 1, timeMs + MINUTE_MS)
  },
}
const own = processor('own').from(clicks).keyBy().process(machine).to(fired)
const minutesOf = async (rig: Rig): Promise<string[]> =>
  (await rig.read<{ timer: string; at: number }>('fired')).map(({ timer, at }) => `${timer} ${at / MINUTE_MS}`)

it('close-windows ends where a timer sets itself for ever: at the last one that was set before it', async () => {
  const rig = await Rig.of([own])
  rig.append('clicks', 0, 'u', { user: 'u', at: 0, once: false })
  await rig.environment('own')(await rig.batch('own', 0))
  const { partitions } = await rig.environment('own')(CLOSE)
  expect(await minutesOf(rig)).toEqual(['again 1'])
  expect(partitions[0]).toMatchObject({ openTimers: 1, streamTimeMs: MINUTE_MS })
})

it('until then timers that set themselves fire as they do in time', async () => {
  const rig = await Rig.of([own])
  rig.append('clicks', 0, 'u', { user: 'u', at: 0, once: false }, { user: 'u', at: 0, once: true })
  await rig.environment('own')(await rig.batch('own', 0))
  const { partitions } = await rig.environment('own')(CLOSE)
  const again = Array.from({ length: 10 }, (_, n) => `again ${n + 1}`)
  expect((await minutesOf(rig)).sort()).toEqual([...again, 'once 10'].sort())
  expect(partitions[0]).toMatchObject({ openTimers: 1, streamTimeMs: 10 * MINUTE_MS })
})

it('nothing is open: nothing happens', async () => {
  const rig = await Rig.of([own])
  const { writes } = rig.store.usage
  expect((await rig.environment('own')(CLOSE)).partitions[0]).toMatchObject({ openTimers: 0, streamTimeMs: -1 })
  expect(rig.store.usage.writes).toBe(writes)
})
