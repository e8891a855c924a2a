import fc from 'fast-check'

/** Something that reads bytes from outside, or bytes that may have been damaged. */
export interface FuzzTarget {
  readonly name: string
  /** What it reads as a rule: these are flipped, cut and spliced. */
  readonly valid: readonly Uint8Array[]
  /** Throws nothing but a MillraceError, whatever the bytes, and ends. */
  read(bytes: Buffer): unknown
}

export const textTarget = (name: string, valid: readonly string[], read: (text: string) => unknown): FuzzTarget => ({
  name,
  valid: valid.map((text) => Buffer.from(text)),
  read: (bytes) => read(bytes.toString('latin1')),
})

/** Texts that mean something somewhere: numbers at their ends, names of prototypes, separators, lengths. */
const tokens = [
  '"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  ';',
  '.',
  '-',
  '>',
  '\\',
  '\n',
  '\t',
  '=',
  '0',
  '-1',
  '1e999',
  '4294967295',
  '9007199254740993',
  'null',
  'true',
  '""',
  '[]',
  '{}',
  '__proto__',
  'constructor',
  'toString',
  '\ufeff',
  '\u0000',
  '\ud800',
].map((token) => Buffer.from(token))
const words = [
  [0, 0, 0, 0],
  [0xff, 0xff, 0xff, 0xff],
  [0x7f, 0xff, 0xff, 0xff],
  [0x80, 0, 0, 0],
  [0xff, 0xff, 0xff, 0xf4],
]

interface Change {
  readonly kind: 'flip' | 'cut' | 'splice' | 'repeat' | 'word' | 'end'
  readonly at: number
  readonly length: number
  readonly what: number
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('flip', 'flip', 'cut', 'splice', 'splice', 'repeat', 'word', 'end'),
  at: fc.nat(),
  length: fc.integer({ min: 1, max: 40 }),
  what: fc.nat(),
})

function changed(bytes: Buffer, { kind, at, length, what }: Change): Buffer {
  const place = at % (bytes.length + 1)
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)]
  const rest = after.subarray(length)
  switch (kind) {
    case 'flip': {
      const copy = Buffer.from(bytes)
      if (place < copy.length) copy[place]! ^= 1 << (what % 8)
      return copy
    }
    case 'cut':
      return Buffer.concat([before, rest])
    case 'splice':
      return Buffer.concat([before, tokens[what % tokens.length]!, what % 2 === 0 ? after : rest])
    case 'repeat':
      return Buffer.concat([before, after.subarray(0, length), after])
    case 'word':
      return Buffer.concat([before, Buffer.from(words[what % words.length]!), after.subarray(4)])
    case 'end':
      return Buffer.from(before)
  }
}

/** Valid inputs of the target with one to four changes, and now and then bytes of no meaning at all. */
export function inputsOf({ valid }: FuzzTarget): fc.Arbitrary<Buffer> {
  const mutated = fc
    .tuple(fc.nat(valid.length - 1), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([which, changes]) => changes.reduce(changed, Buffer.from(valid[which]!)))
  const any = fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.from(bytes))
  return fc.oneof({ weight: 5, arbitrary: mutated }, { weight: 1, arbitrary: any })
}
