import type { Dice } from './dice.ts'

/** The part of JSON Schema that values are made from. */
export interface JsonSchema {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly prefixItems?: readonly JsonSchema[]
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
}

const SOME_DAY = '2026-01-02T03:04:05.000Z'

/** A value that the schema most probably takes. Texts and numbers are few, so that keys come again. */
export function valueFor(schema: JsonSchema, dice: Dice, name: string): unknown {
  if ('const' in schema) return schema.const
  if (schema.enum !== undefined) return dice.pick(schema.enum)
  const either = schema.anyOf ?? schema.oneOf
  if (either !== undefined) return valueFor(dice.pick(either), dice, name)
  if (schema.type === 'object') return objectOf(schema, dice)
  if (schema.type === 'array') return arrayOf(schema, dice, name)
  if (schema.type === 'string') return textOf(schema, dice, name)
  if (schema.type === 'number' || schema.type === 'integer') return numberOf(schema, dice)
  if (schema.type === 'boolean') return dice.chance(0.5)
  return null
}

function objectOf({ properties = {}, required = [] }: JsonSchema, dice: Dice): Record<string, unknown> {
  const fields = Object.entries(properties).filter(([name]) => required.includes(name) || dice.chance(0.7))
  return Object.fromEntries(fields.map(([name, schema]) => [name, valueFor(schema, dice, name)]))
}

function arrayOf({ items, prefixItems, minItems = 0 }: JsonSchema, dice: Dice, name: string): unknown[] {
  if (prefixItems !== undefined) return prefixItems.map((each) => valueFor(each, dice, name))
  return Array.from({ length: dice.between(minItems, minItems + 3) }, () => valueFor(items ?? {}, dice, name))
}

function textOf({ format }: JsonSchema, dice: Dice, name: string): string {
  const n = dice.between(1, 5)
  if (format === 'date-time') return SOME_DAY
  if (format === 'uuid') return `00000000-0000-4000-8000-00000000000${n}`
  if (format === 'email') return `${n}@example.org`
  if (format === 'uri') return `https://example.org/${n}`
  return `${name}-${n}`
}

function numberOf({ minimum = 0, maximum = 2_000, type }: JsonSchema, dice: Dice): number {
  const [low, high] = [Math.max(minimum, -1e9), Math.min(maximum, 1e9)]
  const number = low + (Math.max(0, high - low) * dice.between(0, 10)) / 10
  return type === 'integer' ? Math.round(number) : number
}
