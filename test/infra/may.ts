import type { Grant } from '../../infra/grants.ts'

export interface Request {
  readonly action: string
  readonly resource: string
  readonly context?: Readonly<Record<string, string | readonly string[]>>
}

/**
 * Whether IAM lets a role with these grants do it: an explicit deny wins, and what is not allowed is denied.
 * Knows the conditions that the grants use, and throws for others.
 */
export function may(grants: readonly Grant[], request: Request): boolean {
  const holding = grants.filter((grant) => matches(grant, request))
  return holding.some(({ effect }) => effect === 'Allow') && holding.every(({ effect }) => effect === 'Allow')
}

function matches(grant: Grant, { action, resource, context = {} }: Request): boolean {
  return (
    grant.actions.includes(action) &&
    grant.resources.some((pattern) => like(resource, pattern)) &&
    Object.entries(grant.conditions ?? {}).every(([operator, tests]) =>
      Object.entries(tests).every(([key, wanted]) => holds(operator, context[key], wanted)),
    )
  )
}

type Value = string | readonly string[]

function holds(operator: string, given: Value | undefined, wanted: Value): boolean {
  const givens = given === undefined ? [] : [given].flat()
  const patterns = [wanted].flat()
  switch (operator) {
    case 'Null':
      return (given === undefined) === (wanted === 'true')
    case 'StringEquals':
      return givens.length > 0 && givens.every((value) => patterns.includes(value))
    case 'ForAllValues:StringLike':
      return givens.every((value) => patterns.some((pattern) => like(value, pattern)))
    default:
      throw new Error(`the test does not know the condition ${operator}`)
  }
}

function like(text: string, pattern: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
  return new RegExp(`^${escaped}$`).test(text)
}
