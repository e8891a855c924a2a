import { describe, expect, it } from 'vitest'
import { hours } from '#millrace'
import { manyCards } from '../../../functions/fraud/many-cards.ts'
import { saidOfDevice } from './rule-fixture.ts'

const pays = (cards: string, apart = 1) => [...cards].map((cardId, i) => ({ cardId, at: i * apart }))

describe('many-cards: more than 4 on one device within 24 hours', () => {
  it.each([
    { title: 'the fifth card', payments: pays('abcde'), said: ['cards within the time: 5 > 4'] },
    { title: 'four cards, each again and again', payments: pays('abcdabcdabcd'), said: [] },
    { title: 'the first exactly 24 hours before the fifth: it is out', payments: pays('abcde', hours(6)), said: [] },
    {
      title: 'a millisecond earlier: it is in',
      payments: [...pays('abcd'), { cardId: 'e', at: hours(24) - 1 }],
      said: ['cards within the time: 5 > 4'],
    },
    {
      title: 'on several devices',
      payments: pays('abcdefgh').map((each, i) => ({ ...each, deviceId: `device ${i % 2}` })),
      said: [],
    },
    { title: 'one alert a day', payments: pays('abcdefg'), said: ['cards within the time: 5 > 4'] },
  ])('$title', async ({ payments, said }) => {
    expect((await saidOfDevice(manyCards, payments)).flatMap(({ compared }) => compared)).toEqual(said)
  })
})
