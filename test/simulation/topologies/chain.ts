import { z } from 'zod'
import { count, ms, processor, table, topic } from '#millrace'
import { adjusted } from '../../../local/simulation/adjusted.ts'
import type { Dice } from '../../../local/simulation/dice.ts'
import type { InputRecord, Topology } from '../../../local/simulation/topology.ts'
import { differences } from '../../../local/simulation/verdicts.ts'
import { plan } from '../../../shared/processor/index.ts'
import { eventTimes, idOf, placeOf, punctualTimes, recordOf, soundValue } from './records.ts'

const POISON = 'boom'
const event = z.object({ id: z.string(), user: z.string(), words: z.array(z.string()), at: z.number() })
type Event = z.infer<typeof event>
const wordSchema = z.object({ id: z.string(), user: z.string(), word: z.string() })
const shoutSchema = z.object({ id: z.string(), shout: z.string() })

function read({ id, user, words }: Event) {
  return words.map((word) => {
    if (word === POISON) throw new RangeError('poison')
    return { id, user, word }
  })
}

/** Three stages without state: words of events, those that are not dull, in capitals; and a count of what comes out. */
export const chain: Topology = {
  name: 'chain',
  scene(dice) {
    const partitions = dice.between(2, 3)
    const events = topic('events', { schema: event, key: (e) => e.user, time: (e) => e.at, partitions })
    const words = topic('words', { schema: wordSchema, key: (w) => w.word, partitions: 2 })
    const shouts = topic('shouts', { schema: shoutSchema, key: (s) => s.shout.slice(0, 1), partitions: 2 })
    const made = plan([
      processor('read')
        .from(events)
        .filter(({ user }) => user !== 'nobody')
        .flatMap(read)
        .to(words),
      processor('shout')
        .from(words)
        .filter(({ word }) => word !== 'dull')
        .map(({ id, word }) => ({ id, shout: word.toUpperCase() }))
        .to(shouts),
      processor('heard')
        .from(shouts)
        .keyBy()
        .aggregate({ count: count() })
        .emit('updates', { every: ms(1) })
        .to(table('heard')),
    ])
    const input = Array.from({ length: partitions }, (_, partition) => records(dice, partition))
    return {
      plan: adjusted(made, punctualTimes),
      input: { events: input },
      judge(outcome) {
        const { shouted, parked } = reference(input)
        const found = outcome.parked().map(({ partition, offset }) => `${partition}-${offset}`)
        return [
          ...differences(
            'shouts',
            outcome
              .topic('shouts')
              .map(({ value }) => value!)
              .toSorted(),
            shouted.toSorted(),
          ),
          ...differences('parked', found.toSorted(), parked.toSorted()),
          ...differences('heard', outcome.table('heard'), heardOf(shouted)),
        ]
      },
    }
  },
}

/** The rule, record by record. */
function reference(input: readonly (readonly InputRecord[])[]): { shouted: string[]; parked: string[] } {
  const shouted: string[] = []
  const parked: string[] = []
  for (const [partition, records] of input.entries())
    for (const [offset, record] of records.entries()) {
      const value = soundValueKeyed(record)
      if (value === undefined) parked.push(`${partition}-${offset}`)
      else if (value.user === 'nobody') continue
      else if (value.words.includes(POISON)) parked.push(placeOf(value.id))
      else
        for (const word of value.words)
          if (word !== 'dull') shouted.push(JSON.stringify({ id: value.id, shout: word.toUpperCase() }))
    }
  return { shouted, parked }
}

/** Without a state nobody asks whether the record's key is the topic's. */
const soundValueKeyed = (record: InputRecord): Event | undefined =>
  soundValue<Event>({ ...record, key: record.key!.replace('?', '') }, ({ user }) => user)

function heardOf(shouted: readonly string[]): Record<string, { count: number }> {
  const heard: Record<string, { count: number }> = {}
  for (const text of shouted) {
    const letter = `${(JSON.parse(text) as { shout: string }).shout.slice(0, 1)}|-`
    heard[letter] = { count: (heard[letter]?.count ?? 0) + 1 }
  }
  return heard
}

function records(dice: Dice, partition: number): InputRecord[] {
  const next = eventTimes(dice)
  return Array.from({ length: dice.between(6, 22) }, (_, n) => {
    const user = dice.pick(['ann', 'bob', 'cleo', 'nobody'])
    const words = Array.from({ length: dice.between(0, 3) }, () =>
      dice.chance(0.03) ? POISON : dice.pick(['dull', 'red', 'round', 'blue', 'big', 'green']),
    )
    return recordOf(dice, user, { id: idOf(dice, partition, n), user, words, at: next() } satisfies Event)
  })
}
