import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesIn, forbidden, importsOf, isIn, withoutComments, words } from './source-files.ts'

// What meets the outside world; everything else gets it through ports. Powertools stand behind the port for the log.
const COMPOSITION_ROOTS = [
  'shared/runtime/lambda',
  'shared/runtime/lambda.ts',
  'shared/runtime/logging.ts',
  'shared/runtime/metrics.ts',
]

describe('the reader of imports', () => {
  it('sees every way to import, and no comment', () => {
    const code = withoutComments(`
      import a from './a.ts' // from './never.ts'
      import type { B } from '../b/b.ts'
      import { many,
        lines } from 'package'
      import './effect.ts'
      export * from '#millrace'
      /** import x from './comment.ts' */
      const later = await import('./later.ts')
      new Worker(new URL('./worker.ts', import.meta.url))
      const link = 'https://example.org' // 'not a comment: https://'
    `)
    expect(importsOf('shared/x/y.ts', code)).toEqual([
      'shared/x/a.ts',
      'shared/b/b.ts',
      'package',
      'shared/x/effect.ts',
      '#millrace',
      'shared/x/later.ts',
      'shared/x/worker.ts',
    ])
    expect(code).toContain('https://example.org')
  })

  it.each(['shared', 'functions', 'infra', 'local', 'test'])('finds the files of %s', (folder) => {
    expect(filesIn(folder).length).toBeGreaterThan(5)
  })
})

describe('shared', () => {
  // A folder may import those above it.
  const ORDER = ['base', 'engine', 'processor', 'journal', 'sinks', 'broker', 'runtime', 'testing']
  const EXCEPTIONS = new Map([
    [
      'shared/sinks/kafka.ts -> shared/broker/kafka-connection.ts',
      'one way to connect to a cluster, and to read its errors',
    ],
    [
      'shared/sinks/memory.ts -> shared/broker/memory.ts',
      'what it appends to: a topic in this process is the broker’s',
    ],
  ])
  const folderOf = (path: string): string => (posix.dirname(path) === 'shared' ? 'base' : path.split('/')[1]!)

  it('has no folder that is not in the order', () => {
    expect([...new Set(filesIn('shared').map(({ path }) => folderOf(path)))].toSorted()).toEqual(ORDER.toSorted())
  })

  it('imports upwards only, but for the exceptions', () => {
    const found = forbidden(filesIn('shared'), (imported, by) => {
      if (!isIn(imported, 'shared')) return false
      return ORDER.indexOf(folderOf(imported)) > ORDER.indexOf(folderOf(by))
    })
    expect(found.toSorted()).toEqual([...EXCEPTIONS.keys()])
  })

  it('imports nothing of what is built on it, but for the list of processors in the composition root', () => {
    const above = ['functions', 'infra', 'local', 'ops', 'dashboard', 'bench', '#millrace']
    const files = filesIn('shared').filter(({ path }) => !isIn(path, ...COMPOSITION_ROOTS))
    expect(forbidden(files, (imported) => isIn(imported, ...above))).toEqual([])
  })

  it('knows DynamoDB in the journal, the table sink and the composition root only', () => {
    const allowed = [
      'shared/journal/dynamodb.ts',
      'shared/sinks/dynamodb.ts',
      'shared/sinks/dynamodb-reader.ts',
      'shared/sinks/dynamodb-row-owner.ts',
      ...COMPOSITION_ROOTS,
    ]
    const found = forbidden(
      filesIn('shared').filter(({ path }) => !isIn(path, ...allowed)),
      (imported) => imported.startsWith('@aws-sdk/client-dynamodb'),
    )
    expect(found).toEqual([])
  })
})

describe('the engine', () => {
  const engine = filesIn('shared/engine')

  // Pure: rules of time zones as the runtime has them.
  const CALENDARS = 'shared/engine/windows/calendar.ts -> temporal-polyfill'

  it('imports nothing but itself, durations and errors, and calendars', () => {
    const found = forbidden(engine, (each) => !isIn(each, 'shared/engine', 'shared/time.ts', 'shared/errors.ts'))
    expect(found).toEqual([CALENDARS])
  })

  it('has no clock, no randomness, no output and no environment', () => {
    const outside =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bcrypto\.|\bperformance\.|\bconsole\.|\bprocess\.|\bfetch\(/g
    expect(words(engine, outside)).toEqual([])
  })

  it('waits for nothing', () => {
    expect(
      words(engine, /\basync\b|\bawait\b|\bPromise\b|\bset(Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/g),
    ).toEqual([])
  })
})

describe('the runtime', () => {
  const runtime = filesIn('shared/runtime').filter(({ path }) => !isIn(path, ...COMPOSITION_ROOTS))

  it('owns no timer, no clock and no randomness outside its composition root: they come through ports', () => {
    const owned =
      /\bset(Timeout|Interval|Immediate)\b|\bMath\.random\b|\brandomUUID\b|\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/g
    expect(words(runtime, owned)).toEqual([])
  })

  it('knows no Lambda middleware, no SDK and no Kafka client outside its composition root', () => {
    const isOutside = (each: string) => /^(@middy|@aws-sdk|@aws-lambda-powertools|@platformatic)\//.test(each)
    expect(forbidden(runtime, isOutside)).toEqual([])
  })
})

describe('around shared', () => {
  it('functions declare: no SDK, no middleware, no CDK, no runtime', () => {
    const isForbidden = (each: string) =>
      /^(@aws-sdk|@middy|aws-cdk-lib|constructs|node:)/.test(each) || isIn(each, 'shared/runtime', 'infra', 'local')
    expect(forbidden(filesIn('functions'), isForbidden)).toEqual([])
  })

  it('infra deploys: no runtime, and SDK clients in the custom resource only', () => {
    const found = forbidden(filesIn('infra'), (imported, by) => {
      if (imported.startsWith('@aws-sdk/')) return !isIn(by, 'infra/custom-resource')
      return isIn(imported, 'shared/runtime')
    })
    expect(found).toEqual([])
  })

  it('nothing that ships imports tests', () => {
    const shipped = filesIn('shared', 'functions', 'infra', 'local', 'ops', 'dashboard')
    expect(forbidden(shipped, (imported) => isIn(imported, 'test'))).toEqual([])
  })
})
