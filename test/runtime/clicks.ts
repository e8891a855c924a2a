import { z } from 'zod'
import { count, minutes, processor, seconds, topic, tumbling } from '#millrace'

export const START = 1_800_000_000_000
export const IDLE_MS = 60_000

const clicks = topic('clicks', {
  schema: z.object({ user: z.string(), at: z.number() }),
  key: (click) => click.user,
  time: (click) => click.at,
  partitions: 3,
})
const counted = topic('counted', {
  schema: z.object({ window: z.object({ start: z.number(), end: z.number() }), count: z.number() }),
  partitions: 1,
})
export const perMinute = processor('per-minute', { idleAfter: IDLE_MS })
  .from(clicks)
  .keyBy()
  .window(tumbling(minutes(1)).grace(seconds(0)))
  .aggregate({ count: count() })
  .to(counted, { map: ({ window, count }) => ({ window, count }) })

export const TICK = { millrace: 'tick' } as const
export const click = (atMs: number) => ({ user: 'u', at: START + atMs })
