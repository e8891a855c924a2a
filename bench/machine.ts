import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

/** What the figures were measured on, in one line. */
export function machineText(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown CPU'
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  const load = loadavg()[0]!.toFixed(1)
  return `${model}, ${availableParallelism()} cores, ${memory}, Node ${process.versions.node}, load ${load} at the start`
}
