import { describe, expect, it } from 'vitest'
import { testDriver } from '#millrace/testing'
import { cardSpendProcessor } from '../../functions/card-spend.ts'
import { cardSpend, transactions } from '../../functions/topics.ts'
import { minutes, seconds } from '../../shared/time.ts'

const pay = (cardId: string, amount: number, at: number) => ({
  id: `${cardId}-${at}`,
  cardId,
  amount,
  merchant: 'shop',
  country: 'DE',
  at,
})

describe('card-spend', () => {
  it('puts out count, total and mean of a window once it has closed, and nothing before', async () => {
    const driver = testDriver(cardSpendProcessor)
    await driver.pipe(transactions, pay('a', 10, 0))
    await driver.pipe(transactions, pay('a', 20, minutes(5) - 1))
    await driver.pipe(transactions, pay('a', 5, minutes(5) + seconds(30) - 1))
    expect(await driver.output(cardSpend)).toEqual([])

    await driver.pipe(transactions, pay('a', 7, minutes(5) + seconds(30)))
    expect(await driver.output(cardSpend)).toMatchObject([
      {
        key: 'a',
        value: { key: 'a', window: { start: 0, end: minutes(5) }, count: 2, total: 30, mean: 15 },
        timestamp: minutes(5) - 1,
      },
    ])
  })

  it('closes windows on a silent partition, once it has been silent for a minute and as far as the silence goes', async () => {
    const driver = testDriver(cardSpendProcessor)
    await driver.pipe(transactions, pay('a', 10, 0))
    // The window closes at 5:30. Stream time stands at 0; after s of silence it may go to s - 1:00.
    await driver.advanceClock(minutes(6))
    expect(await driver.output(cardSpend)).toEqual([])
    await driver.advanceClock(seconds(30))
    expect(await driver.output(cardSpend)).toMatchObject([{ value: { count: 1, total: 10 }, timestamp: 0 }])
  })

  it('counts a payment as late once stream time has reached the end of its window plus the grace', async () => {
    const driver = testDriver(cardSpendProcessor)
    await driver.pipe(transactions, pay('a', 10, minutes(5) + seconds(30)))
    await driver.pipe(transactions, pay('a', 20, minutes(5) - 1))
    expect(driver.counts(cardSpendProcessor)).toMatchObject({ read: 2, counted: 1, late: 1 })
  })

  it('does not drift over many payments of a tenth', async () => {
    const driver = testDriver(cardSpendProcessor)
    for (let i = 0; i < 1_000; i++) await driver.pipe(transactions, pay('a', 0.1, i))
    await driver.closeWindows()
    expect(await driver.output(cardSpend)).toMatchObject([{ value: { count: 1_000, total: 100, mean: 0.1 } }])
  })
})
