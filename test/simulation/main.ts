import { simulationCommand } from '../../local/simulation/command.ts'
import { situations } from './situations.ts'

/** `npm run test:simulation`: the simulator's own topologies, each with a reference; for the night, with thousands of seeds. */
process.exitCode = await simulationCommand(process.argv.slice(2), {
  name: 'npm run test:simulation',
  topologies: new URL('./topologies/index.ts', import.meta.url),
  print: (text) => void process.stdout.write(`${text}\n`),
  situations:
    process.argv.some((flag) => flag.startsWith('--seeds')) && !process.argv.includes('--processor') ? situations : [],
})
