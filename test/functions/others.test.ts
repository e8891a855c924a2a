import { describe, expect, it } from 'vitest'
import { testDriver } from '#millrace/testing'
import { fahrenheit } from '../../functions/fahrenheit.ts'
import { importantEventsProcessor } from '../../functions/important-events.ts'
import { processors } from '../../functions/index.ts'
import { largeTransactionsProcessor } from '../../functions/large-transactions.ts'
import { logCountsProcessor } from '../../functions/log-counts.ts'
import { sensorAverageProcessor } from '../../functions/sensor-average.ts'
import {
  events,
  importantEvents,
  largeTransactions,
  logCounts,
  logs,
  sensorAverage,
  sensorFahrenheit,
  sensorReadings,
  transactions,
} from '../../functions/topics.ts'
import { minutes, seconds } from '../../shared/time.ts'

describe('important-events', () => {
  it('keeps what says important, in any case, as it came', async () => {
    const driver = testDriver(importantEventsProcessor)
    await driver.pipe(events, { id: '1', message: 'An IMPORTANT one', level: 'info', at: 5 })
    await driver.pipe(events, { id: '2', message: 'nothing', at: 6 })
    expect(await driver.output(importantEvents)).toMatchObject([
      { key: '1', value: { id: '1', message: 'An IMPORTANT one', level: 'info', at: 5 }, timestamp: 5 },
    ])
    expect(driver.counts(importantEventsProcessor)).toMatchObject({ read: 2, counted: 1, filtered: 1 })
  })
})

describe('fahrenheit', () => {
  it.each([
    [0, 32],
    [100, 212],
    [-40, -40],
  ])('turns %d °C into %d °F', async (celsius, expected) => {
    const driver = testDriver(fahrenheit)
    await driver.pipe(sensorReadings, { sensorId: 's', celsius, at: 1 })
    expect(await driver.output(sensorFahrenheit)).toMatchObject([
      { key: 's', value: { sensorId: 's', fahrenheit: expected, at: 1 } },
    ])
  })
})

describe('sensor-average', () => {
  it('writes the newest result of a sensor at most every ten seconds of event time', async () => {
    const driver = testDriver(sensorAverageProcessor)
    await driver.pipe(sensorReadings, { sensorId: 's', celsius: 10, at: 0 })
    await driver.pipe(sensorReadings, { sensorId: 's', celsius: 20, at: seconds(9) })
    expect(driver.rows(sensorAverage)).toEqual([])
    await driver.pipe(sensorReadings, { sensorId: 's', celsius: 60, at: seconds(10) })
    // The timer fires before the record that makes it due.
    expect(driver.rows(sensorAverage)).toMatchObject([
      { key: 's', sort: '-', value: { key: 's', count: 2, min: 10, max: 20, mean: 15 } },
    ])
    await driver.closeWindows()
    expect(driver.rows(sensorAverage)).toMatchObject([{ value: { count: 3, min: 10, max: 60, mean: 30 } }])
  })
})

describe('log-counts', () => {
  const log = (host: string, service: string, level: string, at: number) => ({ host, service, level, message: 'm', at })

  it('counts per service, level and minute across hosts', async () => {
    const driver = testDriver(logCountsProcessor)
    await driver.pipe(logs, log('h1', 'api', 'error', 0))
    await driver.pipe(logs, log('h2', 'api', 'error', 1_000))
    await driver.pipe(logs, log('h3', 'api', 'info', 2_000))
    await driver.pipe(logs, log('h1', 'api', 'error', minutes(1)))
    await driver.closeWindows()
    expect(driver.rows(logCounts).map(({ key, value }) => [key, value!.window.start, value!.count])).toEqual([
      ['["api","error"]', 0, 2],
      ['["api","error"]', minutes(1), 1],
      ['["api","info"]', 0, 1],
    ])
  })

  it('does not let a fast host make the records of a slow one late', async () => {
    const driver = testDriver(logCountsProcessor)
    await driver.pipe(logs, log('h1', 'api', 'error', minutes(30)), { partition: 0 })
    await driver.pipe(logs, log('h2', 'api', 'error', 0), { partition: 1 })
    await driver.closeWindows()
    expect(driver.counts(logCountsProcessor)).toMatchObject({ counted: 2, late: 0 })
  })

  it('closes windows although most source partitions never had a record', async () => {
    const driver = testDriver(logCountsProcessor)
    await driver.pipe(logs, log('h1', 'api', 'error', 0), { partition: 0 })
    await driver.pipe(logs, log('h1', 'api', 'error', minutes(3)), { partition: 0 })
    await driver.advanceClock(minutes(2))
    expect(driver.rows(logCounts)).toMatchObject([{ value: { count: 1, window: { start: 0 } } }])
  })
})

describe('large-transactions', () => {
  it.each([
    [1_000, 0],
    [1_000.01, 1],
  ])('of %d: %d', async (amount, results) => {
    const driver = testDriver(largeTransactionsProcessor)
    const payment = { id: '1', cardId: 'c', amount, merchant: 'm', country: 'DE', at: 1 }
    await driver.pipe(transactions, payment)
    expect((await driver.output(largeTransactions)).map(({ value }) => value)).toEqual(results === 1 ? [payment] : [])
  })
})

describe('the list of processors', () => {
  it('holds every processor file of the folder', async () => {
    const { readdirSync } = await import('node:fs')
    const files = readdirSync(new URL('../../functions', import.meta.url)).filter(
      (file) => file.endsWith('.ts') && !['index.ts', 'topics.ts'].includes(file),
    )
    expect(processors.map(({ draft }) => `${draft.name}.ts`).sort()).toEqual(files.sort())
  })
})
