import { z } from 'zod'
import { count, hopping, ms, processor, topic } from '#millrace'
import { adjusted } from '../../../local/simulation/adjusted.ts'
import type { Dice } from '../../../local/simulation/dice.ts'
import type { InputRecord, Topology } from '../../../local/simulation/topology.ts'
import { differences } from '../../../local/simulation/verdicts.ts'
import { plan } from '../../../shared/processor/index.ts'
import { punctualTimes, START_MS } from './records.ts'

const HOP_MS = 1_000
/** Windows that a record stands in. */
const OVERLAP = 50
const KEYS = 1_010

const sightSchema = z.object({ key: z.string(), at: z.number() })
const seenSchema = z.object({
  key: z.string(),
  window: z.object({ start: z.number(), end: z.number() }),
  count: z.number(),
})
type Seen = z.infer<typeof seenSchema>

/** A thousand keys and some have fifty windows open each, and one record closes them all: more than any one commit can hold. */
export const burst: Topology = {
  name: 'burst',
  everyNth: 500,
  scene(dice) {
    const sights = topic('sights', { schema: sightSchema, key: (s) => s.key, time: (s) => s.at, partitions: 1 })
    const seen = topic('seen', { schema: seenSchema, key: (s) => s.key, partitions: 1 })
    const counted = processor('sightings')
      .from(sights)
      .keyBy()
      .window(hopping(ms(OVERLAP * HOP_MS), { advance: ms(HOP_MS) }).grace(ms(0)))
      .aggregate({ count: count() })
      .to(seen)
    const input = records(dice)
    return {
      plan: adjusted(plan([counted]), punctualTimes),
      input: { sights: [input] },
      journal: { ring: 16, commitBytesMax: 380 * 1024, bucketBytesMax: 300 * 1024 },
      mapping: { batchRecordsMax: 500, payloadBytesMax: 6 * 1024 * 1024 },
      recordsAtOnceMax: 200,
      ending: 'closing',
      judge(outcome) {
        const found = outcome.topic('seen').map(({ value }) => nameOf(JSON.parse(value!) as Seen))
        return differences('windows', found.toSorted(), input.flatMap(windowsOf).toSorted())
      },
    }
  },
}

const nameOf = ({ key, window, count }: Seen): string => `${key}@${window.start}: ${count}`

/** The rule: a record stands in each window that begins at a hop and holds its time. Here no two share one. */
function windowsOf({ key, timestampMs: at }: InputRecord): string[] {
  const last = at - (at % HOP_MS)
  return Array.from({ length: OVERLAP }, (_, n) => `${key}@${last - n * HOP_MS}: 1`)
}

function records(dice: Dice): InputRecord[] {
  const recordOf = (key: string, at: number) => ({ key, value: JSON.stringify({ key, at }), timestampMs: at })
  const first = Array.from({ length: KEYS }, (_, n) => recordOf(`k${n}`, START_MS + dice.between(0, HOP_MS - 1)))
  return [
    ...first,
    recordOf('last', START_MS + 10 * OVERLAP * HOP_MS),
    recordOf('last of all', START_MS + 20 * OVERLAP * HOP_MS),
  ]
}
