import { both, CANARY, type HostileCase, type HostileRecord } from '../case.ts'

const bytes = (text: string): number[] => [...Buffer.from(text)]
// Not a literal: there, __proto__ would be no name.
const header = (name: string, value: unknown): object => Object.fromEntries([[name, value]])
const many = Array.from({ length: 10_000 }, (_, i) => header(`h${i}-${CANARY}`, bytes(CANARY)))

const sound = (id: string, headers: unknown, record: HostileRecord = {}): HostileCase =>
  both(`headers: ${id}`, { ...record, headers }, 'counted')
const parked = (id: string, headers: unknown): HostileCase =>
  both(`headers: ${id}, and the value is none`, { value: CANARY, headers }, 'NOT_JSON')

/** Headers. On a topic that others write, ours mean nothing. */
export const headers: readonly HostileCase[] = [
  ...[sound, parked].flatMap((make) => [
    make('null', null),
    make('an identity of ours', [header('mr', bytes('card-spend.1.5;9007199254740991.0;1'))]),
    make('an identity that cannot be read', [header('mr', bytes(`${CANARY};;;`))]),
    make('a progress record of ours', [header('mr-progress', bytes('0;9007199254740991'))]),
    make('ten thousand', many),
    make('half a million, all of them empty', Array(500_000).fill(header('', []))),
    make('one of 300,000 bytes', [header(CANARY, new Array(300_000).fill(65))]),
    make('one of 300,000 bytes that is called mr', [header('mr', new Array(300_000).fill(65))]),
    make('one without a name', [header('', bytes(CANARY))]),
    make('one without bytes', [header(CANARY, [])]),
    make('one that is null', [header(CANARY, null)]),
    make('one that is null and called mr', [header('mr', null)]),
    make('one that is called __proto__', [header('__proto__', bytes(CANARY))]),
    make('one that is called constructor', [header('constructor', bytes(CANARY))]),
    make('one with control characters', [header('a\tb\nc\u0000', bytes('\t\n\u0000'))]),
    make('the same name twice', [header('mr', bytes('x')), header('mr', bytes('y'))]),
    make('signed bytes', [header('x', [-128, -1, 0, 127])]),
    make('an object without a name', [{}]),
    make('no list', {}),
    make('an empty list', []),
    make('an identity of the very stage that reads', [header('mr', bytes('card-spend.1.5;1.0;1'))]),
    make('an identity with a path', [header('mr', bytes('a.1.0>b.1.rekey.5;1.2.3;1'))]),
    make('an identity at the end of time', [header('mr', bytes('card-spend.1.5;1.0;9007199254740991'))]),
    make('identity and progress together', [header('mr', bytes('a.1.0;1.0;1')), header('mr-progress', bytes('0;1'))]),
    make('a progress record ahead of all', [header('mr-progress', bytes('5;8640000000000000'))]),
    make('a progress record that cannot be read', [header('mr-progress', bytes(`${CANARY};;`))]),
    make('names of ours in capitals', [header('MR', bytes('a.1.0;1.0;1')), header('Mr-Progress', bytes('0;1'))]),
    make('an identity in signed bytes', [
      header(
        'mr',
        bytes('a.1.0;1.0;1').map((byte) => byte - 256),
      ),
    ]),
    make('numbers that are no bytes', [header('mr', [1e9, -1e9, 0.5, Number.NaN])]),
    make('two names in one object', [{ mr: bytes('a.1.0;1.0;1'), other: bytes('x') }]),
    make('a hundred identities', Array(100).fill(header('mr', bytes('card-spend.1.5;9.0;1')))),
    make('a name of 100,000 characters', [header('n'.repeat(100_000), bytes(CANARY))]),
    make('a name beyond ASCII', [header('😀\u202e\ud800', bytes(CANARY))]),
    make('an authorization', [header('Authorization', bytes(`Bearer ${CANARY}`))]),
    make('a trace', [header('traceparent', bytes(`00-${CANARY}-00-01`))]),
  ]),
]
