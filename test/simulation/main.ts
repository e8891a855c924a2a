import { simulationCommand } from '../../local/simulation/command.ts'
import { printKills } from './kills.ts'
import { situations } from './situations.ts'

const argv = process.argv.slice(2)
const print = (text: string): void => void process.stdout.write(`${text}\n`)
/** One topology, or a few seeds, cannot reach every situation. */
const isWhole = argv.some((flag) => flag.startsWith('--seeds')) && !argv.some((flag) => flag.startsWith('--processor'))

/**
 * `npm run test:simulation`: the simulator's own topologies, each with a reference; for the night, with thousands of seeds.
 * With `--mutants` alone: by which seed each broken rule is noticed.
 */
process.exitCode = argv.includes('--mutants')
  ? await printKills(print)
  : await simulationCommand(argv, {
      name: 'npm run test:simulation',
      topologies: new URL('./topologies/index.ts', import.meta.url),
      print,
      progress: (text) => void process.stderr.write(`${text}\n`),
      situations: isWhole ? situations : [],
    })
