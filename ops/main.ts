import { runOps } from './run.ts'

process.exitCode = await runOps(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  errors: (text) => void process.stderr.write(text),
})
