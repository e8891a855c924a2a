import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Metafile } from 'esbuild'
import { bundle } from '../infra/bundle.ts'
import type { BenchOptions } from './options.ts'
import { fixed, percent, printHeading, printTable, whole } from './print.ts'
import { spreadOf } from './stats.ts'

const BUILD = join(import.meta.dirname, '../.millrace/bench')
const ENTRY = join(BUILD, 'processors/index.mjs')
const SHOWN = 14

/** A stage of each kind, and the parts of the bundle that it loads beside the entry. */
const stages = [
  { id: 'large-transactions', kind: 'without state', loads: ['kafka.ts'] },
  { id: 'card-spend', kind: 'with state, to a topic', loads: ['kafka.ts', 'database.ts'] },
  { id: 'sensor-average', kind: 'with state, to a table', loads: ['kafka.ts', 'database.ts'] },
] as const

/** What is deployed for every stage: how large it is, what fills it, and how long it takes until it can be invoked. */
export async function coldStartSection({ quick }: BenchOptions): Promise<void> {
  rmSync(BUILD, { recursive: true, force: true })
  bundle('processors', BUILD)
  const metafile = JSON.parse(readFileSync(join(BUILD, 'metafiles/processors.json'), 'utf8')) as Metafile
  const files = Object.keys(metafile.outputs)
  const total = sum(files.map((file) => metafile.outputs[file]!.bytes))
  const zipped = sum(
    files.map((file) => gzipSync(readFileSync(join(BUILD, 'processors', file.split('/').at(-1)!))).length),
  )
  printHeading(
    'cold start',
    `The bundle of all stages: ${whole(total)} bytes minified in ${files.length} files, ${whole(zipped)} bytes compressed.`,
    'Initialisation: the import of the bundle in a fresh process, clients made and nothing connected; medians.',
  )
  printTable(['what fills it', 'bytes', 'share'], contributors(metafile, total))
  const processes = quick ? 3 : 15
  const rows = stages.map(({ id, kind, loads }) => {
    const runs = Array.from({ length: processes }, () => initialisation(id))
    const [wall, cpu] = (['wallMs', 'cpuMs'] as const).map((of) => spreadOf(runs.map((run) => run[of])))
    return [
      `${id} (${kind})`,
      whole(loadedBytes(metafile, loads)),
      fixed(wall!.median, 0),
      fixed(wall!.min, 0),
      fixed(cpu!.median, 0),
    ]
  })
  printTable(['stage', 'bytes loaded', 'ms', 'ms at best', 'ms of CPU'], rows)
}

/** Bytes of the bundle by package, and by folder of our own. */
function contributors({ outputs }: Metafile, total: number): string[][] {
  const bytes = new Map<string, number>()
  for (const { inputs } of Object.values(outputs))
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const name = ownerOf(file)
      bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput)
    }
  const sorted = [...bytes].sort(([, a], [, b]) => b - a)
  const rest = sum(sorted.slice(SHOWN).map(([, each]) => each))
  return [...sorted.slice(0, SHOWN), ['everything else', rest] as const].map(([name, each]) => [
    name,
    whole(each),
    percent(each / total),
  ])
}

function ownerOf(file: string): string {
  const inPackages = file.split('node_modules/').at(-1)!
  if (inPackages === file) return 'our own code'
  return inPackages
    .split('/')
    .slice(0, inPackages.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Bytes of the entry, of the parts that are imported dynamically, and of all that these import. */
function loadedBytes({ outputs }: Metafile, dynamic: readonly string[]): number {
  const wanted = ['shared/runtime/lambda.ts', ...dynamic.map((file) => `shared/runtime/lambda/${file}`)]
  const waiting = Object.keys(outputs).filter((file) => wanted.includes(outputs[file]!.entryPoint ?? ''))
  const loaded = new Set(waiting)
  for (const file of waiting)
    for (const { kind, path } of outputs[file]!.imports)
      if (kind === 'import-statement' && path in outputs && !loaded.has(path)) {
        loaded.add(path)
        waiting.push(path)
      }
  return sum([...loaded].map((file) => outputs[file]!.bytes))
}

const program = `
const cpu = process.cpuUsage(), startedAt = performance.now()
await import(${JSON.stringify(pathToFileURL(ENTRY).href)})
const wallMs = performance.now() - startedAt, { user, system } = process.cpuUsage(cpu)
console.log(JSON.stringify({ wallMs, cpuMs: (user + system) / 1000 }))
process.exit(0)`

/** Starts a process that knows nothing but the bundle and the environment of a function. */
function initialisation(stage: string): { wallMs: number; cpuMs: number } {
  const env = {
    MILLRACE_STAGE: stage,
    MILLRACE_BROKERS: '127.0.0.1:1',
    MILLRACE_AUTH: 'iam',
    MILLRACE_JOURNAL_TABLE: 'millrace',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'nobody',
    AWS_SECRET_ACCESS_KEY: 'nothing',
  }
  const answer = execFileSync(process.execPath, ['--input-type=module', '-e', program], { env, encoding: 'utf8' })
  return JSON.parse(answer) as { wallMs: number; cpuMs: number }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)
