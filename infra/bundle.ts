import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Code } from 'aws-cdk-lib/aws-lambda'
import { type BuildOptions, buildSync } from 'esbuild'

const root = join(import.meta.dirname, '..')

/** The functions that are deployed: name of the bundle, and the file that exports `handler`. */
export const entries = {
  /** All stages share this one; the environment says which stage a function is. */
  processors: join(root, 'shared/runtime/lambda.ts'),
  bootstrapBrokers: join(root, 'infra/custom-resource/bootstrap-brokers.ts'),
} as const

/** The handler's name in every bundle. */
export const HANDLER = 'index.handler'

/** Builds one of `entries` into a directory of its own; the same sources give the same files. */
export function bundle(name: keyof typeof entries, build: string = join(root, '.millrace/build')): Code {
  const directory = join(build, name)
  rmSync(directory, { recursive: true, force: true })
  const { metafile } = buildSync({ ...options, entryPoints: [entries[name]], outdir: directory })
  // What it is made of; esbuild.github.io/analyze shows it.
  mkdirSync(join(build, 'metafiles'), { recursive: true })
  writeFileSync(join(build, 'metafiles', `${name}.json`), JSON.stringify(metafile))
  return Code.fromAsset(directory)
}

/** What takes the place of modules that are large or slow and of no use to a function. */
function standIns(): Record<string, string> {
  const standIn = (file: string) => join(root, 'infra/stand-ins', file)
  return {
    ajv: standIn('ajv.ts'),
    'ajv-draft-04': standIn('ajv.ts'),
    'ajv/dist/2020.js': standIn('ajv.ts'),
    'ajv/dist/refs/json-schema-draft-06.json': standIn('empty.json'),
    avsc: standIn('avsc.ts'),
    '@aws-sdk/credential-provider-node': standIn('credentials.ts'),
    '@aws-sdk/credential-providers': standIn('credentials.ts'),
    '@aws-sdk/client-sts': standIn('credentials.ts'),
  }
}

const options = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  entryNames: 'index',
  outExtension: { '.js': '.mjs' },
  // What is imported dynamically stays in files of its own: a fifth less to load in a cold start.
  splitting: true,
  // Prefer ES modules: of those esbuild drops what is not used.
  mainFields: ['module', 'main'],
  minify: true,
  // Functions and classes keep their names, so that a stack trace can be read.
  keepNames: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  // Parts of the Kafka client are CommonJS and call require; its wasm must travel inside the bundle.
  banner: { js: "import{createRequire as requireFrom}from'node:module';const require=requireFrom(import.meta.url);" },
  alias: { '@platformatic/wasm-utils': '@platformatic/wasm-utils/bundled', ...standIns() },
} as const satisfies BuildOptions
