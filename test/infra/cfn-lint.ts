import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

// The template through cfn-lint, which knows IAM's actions and limits that CDK's own checks do not:
//   npm run synth && node test/infra/cfn-lint.ts
const VERSION = '1.58.0'
const root = join(import.meta.dirname, '../..')
const venv = join(root, '.millrace/cfn-lint', VERSION)
const program = join(venv, 'bin/cfn-lint')

const ignored = [
  'W3005', // CDK writes DependsOn beside references.
  'W3010', // Zones are named, so that synthesis needs no account.
  'I1022', // CDK joins where a person would substitute.
]

if (!existsSync(program)) {
  run('python3', ['-m', 'venv', venv])
  run(join(venv, 'bin/pip'), ['install', '--quiet', `cfn-lint==${VERSION}`])
}
const directory = process.argv[2] ?? join(root, 'cdk.out')
const templates = existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith('.template.json')) : []
if (templates.length === 0) fail(`There is no template in ${directory}. Run npm run synth first.`)
run(program, ['-i', ...ignored, '-c', 'I', '--', ...templates.map((name) => join(directory, name))])
process.stdout.write(`cfn-lint: nothing to say about ${templates.join(', ')}\n`)

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' })
  if (error) fail(`${command} cannot be run (${error.message}). Install Python 3 with venv.`)
  if (status !== 0) process.exit(status ?? 1)
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
