import type { Jsonified } from '../engine/jsonified.ts'
import type { Key } from '../engine/key.ts'
import type { Op } from '../engine/ops.ts'
import { MillraceError } from '../errors.ts'
import { checkName } from './check.ts'
import type { Draft, DraftInput } from './draft.ts'

/** A record of one of several sources, which `source` names. Checking it narrows `value`. */
export type FromEither<Sources> = {
  [Name in keyof Sources & string]: {
    readonly source: Name
    readonly value: Jsonified<NonNullable<Sources[Name]>>
  }
}[keyof Sources & string]

/** Why sources with these keys would never meet; `never` when they do. */
export type Apart<Keys> = {
  [Name in keyof Keys]: [Keys[Name]] extends [never]
    ? 'each source must end with keyBy'
    : [KindOf<Keys[keyof Keys]>] extends [KindOf<Keys[Name]>]
      ? never
      : 'sources must be keyed by the same kind of key'
}[keyof Keys]

type KindOf<K> = K extends string
  ? string
  : K extends number
    ? number
    : K extends boolean
      ? boolean
      : { [Part in keyof K]: KindOf<K[Part]> }

/**
 * The inputs of several sources, tagged with their names.
 * @param drafts what stands under each name; undefined: nothing that ends with `.keyBy(…)`
 * @throws MillraceError `NAME_INVALID`, `OPTION_INVALID`
 */
export function checkedInputs(where: string, drafts: Readonly<Record<string, Draft | undefined>>): Draft['inputs'] {
  const inputs = Object.entries(drafts).map(([name, draft]): DraftInput => {
    checkName('source', name, 40)
    if (draft === undefined || draft.gates.length > 0)
      throw new MillraceError('OPTION_INVALID', {
        where,
        option: name,
        given: draft === undefined ? 'something else' : 'distinct',
        must:
          draft === undefined
            ? 'a source that ends with .keyBy(…), such as (source) => source.from(orders).keyBy((order) => order.customer)'
            : 'behind cogroup: what has state comes where the sources have met',
      })
    return { ...draft.inputs[0], as: name }
  })
  const [first, ...rest] = inputs
  if (first === undefined)
    throw new MillraceError('OPTION_INVALID', {
      where,
      option: 'sources',
      given: drafts,
      must: 'an object such as { order: (source) => source.from(orders).keyBy((order) => order.customer) }',
    })
  return [first, ...rest]
}

/** What a re-key does with the records of an input, and under which key they go on; undefined: the one they were read under. */
export function opsOfInput({ as, ops, keyBy }: DraftInput): { ops: readonly Op[]; keyOf: KeyOf | undefined } {
  // A delete has no value to take a new key from.
  const kept: Op[] = [...ops, { kind: 'filter', keep: (value) => value !== null }]
  const keyOf = typeof keyBy === 'function' ? keyBy : undefined
  if (as === undefined) return { ops: kept, keyOf }
  return {
    ops: [...kept, { kind: 'map', to: (value) => ({ source: as, value }) }],
    keyOf: keyOf && ((tagged) => keyOf((tagged as { value: unknown }).value)),
  }
}

type KeyOf = (value: unknown) => Key

/** State holds how far each partition of each source has come: with other sources it would mean something else. */
export const signatureOfInputs = ({ inputs }: Draft): string =>
  inputs[0].as === undefined ? '' : `${inputs.map(({ as, topic }) => `${as}:${topic.partitions}`).join(',')} > `
