import { describe, expect, it } from 'vitest'
import { hours, minutes } from '#millrace'
import { impossibleTravel } from '../../../functions/fraud/impossible-travel.ts'
import { kilometresBetween } from '../../../functions/fraud/places.ts'
import { saidOf } from './rule-fixture.ts'

const hamburg = { latitude: 53.55, longitude: 9.99 }
const paris = { latitude: 48.86, longitude: 2.35 }
const sydney = { latitude: -33.87, longitude: 151.21 }

describe('the distance over the ground', () => {
  it.each([
    { from: hamburg, to: hamburg, kilometres: 0 },
    // A quarter of the earth's circumference, and half of it.
    { from: { latitude: 0, longitude: 0 }, to: { latitude: 90, longitude: 0 }, kilometres: (6_371 * Math.PI) / 2 },
    { from: { latitude: 0, longitude: 0 }, to: { latitude: 0, longitude: 180 }, kilometres: 6_371 * Math.PI },
    { from: { latitude: 0, longitude: 179 }, to: { latitude: 0, longitude: -179 }, kilometres: (6_371 * Math.PI) / 90 },
  ])('$kilometres km', ({ from, to, kilometres }) => {
    expect(kilometresBetween(from, to)).toBeCloseTo(kilometres, 6)
  })
})

// Hamburg to Paris is about 745 km.
describe('impossible-travel: faster than 1,000 km/h, over more than 100 km', () => {
  it.each([
    { title: 'Hamburg to Paris within half an hour', places: [hamburg, paris], apart: minutes(30), said: 1 },
    { title: 'within an hour: an airliner does it', places: [hamburg, paris], apart: hours(1), said: 0 },
    { title: 'Sydney within ten hours', places: [hamburg, sydney], apart: hours(10), said: 1 },
    { title: 'at the same moment', places: [hamburg, paris], apart: 0, said: 1 },
    { title: 'the same place at the same moment', places: [hamburg, hamburg], apart: 0, said: 0 },
    {
      title: 'across the town in a second: places are rough',
      places: [hamburg, { ...hamburg, latitude: hamburg.latitude + 0.5 }],
      apart: 1_000,
      said: 0,
    },
  ])('$title', async ({ places, apart, said }) => {
    const payments = places.map((place, i) => ({ ...place, at: i * apart }))
    expect(await saidOf(impossibleTravel, payments)).toHaveLength(said)
  })
})
