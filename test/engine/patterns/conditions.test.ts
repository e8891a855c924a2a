import { arrival, is } from './examples.ts'
import { describeRows } from './rows.ts'

const a = () => arrival().begin('a', is('a'))

describeRows({
  conditions: [
    {
      rule: 'where: and',
      pattern: arrival()
        .begin('a', is('ab'))
        .where(({ name }) => name.endsWith('1')),
      events: 'a1 b2 b1',
      matches: ['a1', 'b1'],
    },
    {
      rule: 'where and or, left to right: (x and y) or z',
      pattern: arrival()
        .begin('a', is('ab'))
        .where(({ name }) => name.endsWith('1'))
        .or(is('c')),
      events: 'a1 b2 c2',
      matches: ['a1', 'c2'],
    },
    {
      rule: 'or, then where: (x or y) and z',
      pattern: arrival()
        .begin('a', is('a'))
        .or(is('c'))
        .where(({ name }) => name.endsWith('1')),
      events: 'a1 a2 c2 c1',
      matches: ['a1', 'c1'],
    },
    {
      rule: 'where that looks at the events so far',
      pattern: a()
        .followedBy('same', is('b'))
        .where(({ name }, soFar) => name[1] === soFar.first('a')?.value.name[1]),
      events: 'a1 a2 b2 b1',
      matches: ['a2 b2', 'a1 b1'],
    },
  ],
  iterative: [
    {
      rule: 'a condition sees what this partial match has taken, without the event at hand',
      pattern: arrival()
        .begin('a', (event, soFar) => is('a')(event) && soFar.step('a').length < 2)
        .oneOrMore()
        .followedBy('b', is('b')),
      events: 'a1 a2 a3 b',
      matches: ['a1 a2 b', 'a1 b', 'a2 a3 b', 'a2 b', 'a3 b'],
    },
    {
      rule: 'each partial match for itself',
      pattern: a().followedBy('same', (event, soFar) => event.name[1] === soFar.values('a')[0]?.name[1]),
      events: 'a1 a2 b2 b1',
      matches: ['a2 b2', 'a1 b1'],
    },
  ],
})
