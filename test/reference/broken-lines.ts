import { type Draft, fieldTexts, joinFields } from './transaction-lines.ts'

const NESTING = 100_000
const DEEP_LINES = 2
const YEAR_2099_MS = Date.UTC(2099, 0, 1)

type Breaker = (draft: Draft) => string | Buffer

const breakers = {
  truncated: (draft) => joinFields(fieldTexts(draft)).slice(0, 60),
  'plain-text': (draft) => `ERROR ${draft.id} could not be read`,
  'empty-object': () => '{}',
  'amount-string': (draft) => withField(draft, 'amount', `"${draft.cents / 100}"`),
  'card-missing': withoutCard,
  'at-negative': (draft) => withField(draft, 'at', '-5'),
  'at-in-2099': (draft) => withField(draft, 'at', String(YEAR_2099_MS)),
  'proto-key': (draft) => withField(draft, '__proto__', '{"admin":true}'),
  'too-deep': (draft) => withField(draft, 'extra', '['.repeat(NESTING) + ']'.repeat(NESTING)),
  'amount-infinite': (draft) => withField(draft, 'amount', '1e999'),
  'amount-unsafe': (draft) => withField(draft, 'amount', '9007199254740993'),
  'not-utf8': withBadBytes,
  array: (draft) => `[${joinFields(fieldTexts(draft))}]`,
  'amount-nan': (draft) => withField(draft, 'amount', 'NaN'),
  null: () => 'null',
} satisfies Record<string, Breaker>

/** A way in which a line can be broken. */
export type BrokenKind = keyof typeof breakers

/** All the ways, in the order they take turns. */
export const BROKEN_KINDS = Object.keys(breakers) as BrokenKind[]

/** The kind of the n-th broken line (from 0): all in turn, but only two very deep ones, as they are big. */
export function brokenKind(n: number): BrokenKind {
  const kind = BROKEN_KINDS[n % BROKEN_KINDS.length] as BrokenKind
  const turn = Math.floor(n / BROKEN_KINDS.length)
  return kind === 'too-deep' && turn >= DEEP_LINES ? 'truncated' : kind
}

/** The line, without its line feed, that says the draft in a broken way. */
export function breakLine(kind: BrokenKind, draft: Draft): string | Buffer {
  return breakers[kind](draft)
}

function withField(draft: Draft, name: string, text: string): string {
  return joinFields(fieldTexts(draft).set(name, text))
}

function withoutCard(draft: Draft): string {
  const fields = fieldTexts(draft)
  fields.delete('cardId')
  return joinFields(fields)
}

/** Puts bytes in the merchant that occur in no UTF-8 text. */
function withBadBytes(draft: Draft): Buffer {
  const marker = '@@'
  const line = Buffer.from(withField(draft, 'merchant', `"Shop ${marker}"`))
  line.fill(0xff, line.indexOf(marker), line.indexOf(marker) + marker.length)
  return line
}
