import { MillraceError } from '../../shared/errors.ts'
import type { Topic } from '../../shared/processor/index.ts'
import { generatedTopics, makerOf } from '../feed/makers.ts'
import type { Random } from '../feed/random.ts'
import type { Dice } from './dice.ts'
import { type JsonSchema, valueFor } from './schema-values.ts'

/** Makes a value of a topic. `nowMs` is the event time that its partition has reached. */
export type Sample = (random: Random, nowMs: number) => unknown

/** Of topics whose values cannot be made up otherwise, or not well enough. */
export type Samples = Readonly<Record<string, Sample>>

const TRIES = 20
/** The generator's makers draw from thousands of keys; so few numbers make records meet. */
const COARSE = 12

/**
 * Values for a topic: by the sample given for it, else as the laptop run generates them, else from its schema.
 * @throws MillraceError `USAGE` when the schema does not say enough
 */
export function sampler(topic: Topic, samples: Samples, dice: Dice): (nowMs: number) => unknown {
  const sample = samples[topic.name]
  if (sample !== undefined) return (nowMs) => sample(dice.random, nowMs)
  if (generatedTopics.includes(topic.name)) {
    const coarse = () => Math.floor(dice.random() * COARSE) / COARSE
    return makerOf(topic.name, 0, coarse)
  }
  return bySchema(topic, dice)
}

function bySchema(topic: Topic, dice: Dice): (nowMs: number) => unknown {
  const standard = topic.schema['~standard'] as (typeof topic.schema)['~standard'] & {
    readonly jsonSchema?: { input(options: { target: string }): JsonSchema }
  }
  if (standard.jsonSchema === undefined) throw unknownSample(topic, 'its schema cannot be turned into a JSON Schema')
  const schema = standard.jsonSchema.input({ target: 'draft-2020-12' })
  return (nowMs) => {
    for (let tries = 0; tries < TRIES; tries++) {
      const value = timed(topic, valueFor(schema, dice, ''), nowMs)
      const outcome = standard.validate(value)
      if (!(outcome instanceof Promise) && outcome.issues === undefined) return value
    }
    throw unknownSample(topic, `none of ${TRIES} values made from its schema is valid`)
  }
}

const unknownSample = ({ name }: Topic, problem: string): MillraceError =>
  new MillraceError('USAGE', {
    problem: `There are no records to simulate for the topic ${name}: ${problem}.`,
    fix: `Give --samples FILE, a module that exports samples = { '${name}': (random, nowMs) => value }.`,
  })

/** The same value at this event time: the first number or text in it that the topic takes its time from is set. */
function timed(topic: Topic, value: unknown, nowMs: number): unknown {
  if (topic.time === undefined || typeof value !== 'object' || value === null) return value
  for (const field of Object.keys(value))
    for (const time of [nowMs, new Date(nowMs).toISOString()]) {
      const changed = { ...value, [field]: time }
      if (timeOf(topic, changed) === nowMs) return changed
    }
  return value
}

/** undefined where the topic's own function does not take such a value. */
export function timeOf(topic: Topic, value: unknown): number | undefined {
  try {
    return value === null ? undefined : topic.time?.(value as never)
  } catch {
    return undefined
  }
}
