import { fraudSettings } from '../../../functions/fraud-settings.ts'
import { patternFromJson } from '../../../shared/engine/patterns/from-json.ts'
import { type FuzzTarget, textTarget } from '../target.ts'
import { jsonOf } from './records.ts'

const settings = {
  rules: {
    'velocity-count': { on: true, shadow: false, parameters: { withinMs: 60_000, most: 5 } },
    'small-then-large': { shadow: true },
  },
  lists: { 'blocked-merchants': ['a', 'b'] },
}

const small = { name: 'small', where: { field: 'amount', is: '<', value: 100 }, atLeast: 3, measure: 'amount' }
const patterns = [
  {
    order: { kind: 'event-time', graceMs: 10_000 },
    steps: [
      small,
      { join: 'followedBy', name: 'large', where: { field: 'amount', is: '>', value: 1_000 }, optional: true },
    ],
    withinMs: 300_000,
    skip: 'past-last-event',
  },
  {
    order: { kind: 'arrival' },
    steps: [
      { group: [{ name: 'a', where: { field: 'x', is: '=', value: 'y' } }], times: [1, 3], gapMs: 5 },
      {
        join: 'followedBy',
        name: 'b',
        where: { all: [{ field: ['x', 'y'], in: [1, 'z'] }, { not: { field: 'z', is: '>', value: 2 } }] },
      },
      { join: 'notFollowedBy', name: 'c', where: { any: [{ field: 'x', is: '=', than: { first: 'b', field: 'x' } }] } },
    ],
    withinMs: 1_000,
  },
]

const read = (given: (document: unknown) => unknown) => (text: string) => {
  const document = jsonOf(text)
  return document === undefined ? undefined : given(document)
}

export const documents: readonly FuzzTarget[] = [
  textTarget('settings: a document', [JSON.stringify(settings)], read(fraudSettings.check)),
  textTarget(
    'patternFromJson',
    patterns.map((each) => JSON.stringify(each)),
    read((data) => patternFromJson(data)),
  ),
]
