import { simulationCommand } from './simulation/command.ts'

/** `npm run simulate`: the processors of functions/, the user's own included. */
process.exitCode = await simulationCommand(process.argv.slice(2), {
  name: 'npm run simulate',
  topologies: new URL('./simulation/declared.ts', import.meta.url),
  print: (text) => void process.stdout.write(`${text}\n`),
  progress: (text) => void process.stderr.write(`${text}\n`),
})
