import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RuleSettings } from '#millrace'
import { type Difference, differences } from '../../ops/settings/differences.ts'
import { large, many, most } from './ruled-shop.ts'

const between = (before: RuleSettings, after: RuleSettings) => differences([large, many], before, after)

describe('the differences of two documents', () => {
  it.each<{ title: string; before: RuleSettings; after: RuleSettings; found: Difference[] }>([
    {
      title: 'a parameter against the declared one',
      before: {},
      after: most(40),
      found: [{ rule: 'large', what: 'parameters.most', before: 100, after: 40 }],
    },
    {
      title: 'a parameter that goes back to the declared one',
      before: most(40),
      after: {},
      found: [{ rule: 'large', what: 'parameters.most', before: 40, after: 100 }],
    },
    {
      title: 'a parameter that the schema fills in, as it fills it in',
      before: { rules: { many: { parameters: { within: 10, most: 7 } } } },
      after: { rules: { many: { parameters: { within: 10 } } } },
      found: [{ rule: 'many', what: 'parameters.most', before: 7, after: 5 }],
    },
    {
      title: 'a rule that is switched off and one on trial, in the order of the declaration',
      before: {},
      after: { rules: { many: { shadow: true }, large: { on: false } } },
      found: [
        { rule: 'large', what: 'on', before: true, after: false },
        { rule: 'many', what: 'shadow', before: false, after: true },
      ],
    },
    {
      title: 'values of lists, by name, those that are put on and those that are taken off',
      before: { lists: { b: ['1', '2'], a: ['x'] } },
      after: { lists: { b: ['2', '3', '3'], a: [] } },
      found: [
        { list: 'a', added: [], removed: ['x'] },
        { list: 'b', added: ['3'], removed: ['1'] },
      ],
    },
    {
      title: 'what an old document says of a rule that is no more',
      before: { rules: { gone: { on: false } } },
      after: {},
      found: [{ rule: 'gone', what: 'undeclared', before: { on: false }, after: undefined }],
    },
    {
      title: 'parameters of an old document that do not fit the rule of today, as they are written',
      before: { rules: { large: { parameters: { limit: 7 } } } },
      after: most(40),
      found: [
        { rule: 'large', what: 'parameters.limit', before: 7, after: undefined },
        { rule: 'large', what: 'parameters.most', before: undefined, after: 40 },
      ],
    },
    { title: 'not that a list is empty or absent, or its order', before: { lists: { a: [] } }, after: {}, found: [] },
  ])('have $title', ({ before, after, found }) => {
    expect(between(before, after)).toEqual(found)
  })

  // What rules are told, by the words of the documentation: whatever a document does not name is as declared.
  const VALUES = ['1', '2', '3']
  const told = ({ rules = {}, lists = {} }: RuleSettings) => ({
    rules: [large, many].map(({ name, initial }) => ({
      name,
      on: rules[name]?.on ?? true,
      shadow: rules[name]?.shadow ?? false,
      parameters: (rules[name]?.parameters ?? initial) as Record<string, unknown>,
    })),
    lists: ['a', 'b'].flatMap((list) => VALUES.filter((value) => lists[list]?.includes(value)).map((v) => list + v)),
  })
  const rule = (parameters: fc.Arbitrary<object>) =>
    fc.record({ on: fc.boolean(), shadow: fc.boolean(), parameters }, { requiredKeys: [] })
  const amount = fc.constantFrom(99, 100)
  const list = fc.array(fc.constantFrom(...VALUES), { maxLength: 4 })
  const documents: fc.Arbitrary<RuleSettings> = fc.record(
    {
      rules: fc.record(
        {
          large: rule(fc.record({ most: amount })),
          many: rule(fc.record({ within: fc.constantFrom(9, 10), most: fc.constantFrom(4, 5) })),
        },
        { requiredKeys: [] },
      ),
      lists: fc.record({ a: list, b: list }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  )

  it('are all there are: with them made to what the one tells rules, it is what the other tells', () => {
    fc.assert(
      fc.property(documents, documents, (before, after) => {
        const made = told(before)
        const { rules } = made
        let lists = made.lists
        for (const each of between(before, after))
          if ('list' in each) {
            lists = lists.filter((value) => !each.removed.some((removed) => each.list + removed === value))
            lists.push(...each.added.map((added) => each.list + added))
          } else {
            const at = rules.find(({ name }) => name === each.rule)!
            const parameter = each.what.split('.')[1]
            if (parameter !== undefined) at.parameters = { ...at.parameters, [parameter]: each.after }
            else Object.assign(at, { [each.what]: each.after })
          }
        expect({ rules, lists: lists.toSorted() }).toEqual(told(after))
      }),
    )
  })

  it('are none exactly when rules are told the same', () => {
    fc.assert(
      fc.property(documents, documents, (before, after) => {
        const same = JSON.stringify(told(before)) === JSON.stringify(told(after))
        expect(between(before, after).length === 0).toBe(same)
      }),
    )
  })

  it('are the other way round from the other side', () => {
    fc.assert(
      fc.property(documents, documents, (before, after) => {
        const turned = between(after, before).map((each) =>
          'list' in each
            ? { ...each, added: each.removed, removed: each.added }
            : { ...each, before: each.after, after: each.before },
        )
        expect(between(before, after)).toEqual(turned)
      }),
    )
  })
})
