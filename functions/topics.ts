import * as z from 'zod'
import { days, table, topic } from '#millrace'

const key = z.string()
const window = z.object({ start: z.number(), end: z.number() })

// What comes in.

export const events = topic('events', {
  schema: z.object({ id: z.string(), message: z.string(), level: z.string().optional(), at: z.number() }),
  key: (event) => event.id,
  time: (event) => event.at,
})

export const sensorReadings = topic('sensor-readings', {
  schema: z.object({ sensorId: z.string(), celsius: z.number(), at: z.number() }),
  key: (reading) => reading.sensorId,
  time: (reading) => reading.at,
})

export const logs = topic('logs', {
  schema: z.object({ host: z.string(), service: z.string(), level: z.string(), message: z.string(), at: z.number() }),
  key: (log) => log.host,
  time: (log) => log.at,
})

export const transaction = z.object({
  id: z.string(),
  cardId: z.string(),
  amount: z.number(),
  merchant: z.string(),
  country: z.string(),
  at: z.number(),
})

export const transactions = topic('transactions', {
  schema: transaction,
  key: (tx) => tx.cardId,
  time: (tx) => tx.at,
  retention: days(7),
})

/** What a card's issuer decides on: richer than a transaction, and refused ones are in it. */
export const authorization = z.object({
  id: z.string(),
  cardId: z.string(),
  deviceId: z.string(),
  amount: z.number(),
  merchant: z.string(),
  country: z.string(),
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  approved: z.boolean(),
  at: z.number(),
})

export const authorizations = topic('authorizations', {
  schema: authorization,
  key: (authorization) => authorization.cardId,
  time: (authorization) => authorization.at,
  retention: days(7),
})

// What goes out.

export const importantEvents = topic('important-events', { schema: events.schema, key: (event) => event.id })

export const sensorFahrenheit = topic('sensor-fahrenheit', {
  schema: z.object({ sensorId: z.string(), fahrenheit: z.number(), at: z.number() }),
  key: (reading) => reading.sensorId,
})

export const sensorAverage = table<{
  key: string
  count: number
  min: number | null
  max: number | null
  mean: number | null
}>('sensor-average')

export const logCounts = table<{
  key: readonly [service: string, level: string]
  window: { start: number; end: number }
  count: number
}>('log-counts')

export const largeTransactions = topic('large-transactions', { schema: transaction, key: (tx) => tx.cardId })

export const cardSpend = topic('card-spend', {
  schema: z.object({ key, window, count: z.number(), total: z.number(), mean: z.number().nullable() }),
  key: (spend) => spend.key,
})

export const fraudAlerts = topic('fraud-alerts', {
  schema: z.object({
    rule: z.string(),
    cardId: z.string(),
    total: z.number(),
    events: z.array(
      z.object({
        step: z.string(),
        partition: z.number(),
        offset: z.number(),
        id: z.string(),
        amount: z.number(),
        at: z.number(),
      }),
    ),
  }),
  key: (alert) => alert.cardId,
})

const ruleAlert = z.object({
  id: z.string(),
  rule: z.string(),
  ruleVersion: z.number(),
  version: z.number(),
  action: z.enum(['review', 'block', 'step-up', 'allow']),
  shadow: z.boolean(),
  key,
  timeMs: z.number(),
  window: window.nullable(),
  compared: z
    .array(
      z.object({
        what: z.string(),
        value: z.union([z.number(), z.string(), z.boolean()]),
        relation: z.enum(['>', '>=', '<', '<=', '=', 'in']),
        threshold: z.union([z.number(), z.string(), z.boolean()]),
      }),
    )
    .readonly(),
  events: z
    .array(
      z.object({ step: z.string(), topic: z.string(), partition: z.number(), offset: z.number(), timeMs: z.number() }),
    )
    .readonly(),
  more: z.number(),
})

/** Alerts to act upon. */
export const ruleAlerts = topic('rule-alerts', { schema: ruleAlert, key: (alert) => alert.key })
/** Alerts of rules on trial. */
export const shadowAlerts = topic('shadow-alerts', { schema: ruleAlert, key: (alert) => alert.key })
