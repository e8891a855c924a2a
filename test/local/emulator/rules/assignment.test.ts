import { expect, it } from 'vitest'
import { isAssigned, pollersOf } from '../../../../local/emulator/rules/assignment.ts'

it.each([
  { pollersMax: 200, partitions: 3, pollers: 3 },
  { pollersMax: 2, partitions: 8, pollers: 2 },
  { pollersMax: 1, partitions: 1, pollers: 1 },
])('provisioned, there are no more pollers than partitions: %o', ({ pollersMax, partitions, pollers }) => {
  expect(pollersOf({ pollersMax, concurrency: 1 }, partitions)).toEqual({ pollers, invocations: 5 })
})

it('on demand, there are as many as the switch says, with one invocation each', () => {
  expect(pollersOf({ pollersMax: 0, concurrency: 4 }, 2)).toEqual({ pollers: 4, invocations: 1 })
})

it('provisioned, each partition has one poller, and another one after a rebalance', () => {
  const ownersAfter = (rebalances: number): number[][] =>
    [0, 1, 2, 3, 4].map((partition) =>
      [0, 1, 2].filter((poller) => isAssigned(partition, poller, { pollers: 3, rebalances, provisioned: true })),
    )
  expect(ownersAfter(0)).toEqual([[0], [1], [2], [0], [1]])
  expect(ownersAfter(1)).toEqual([[1], [2], [0], [1], [2]])
})

it('on demand, every poller looks everywhere', () => {
  expect([0, 1].map((poller) => isAssigned(7, poller, { pollers: 2, rebalances: 0, provisioned: false }))).toEqual([
    true,
    true,
  ])
})
