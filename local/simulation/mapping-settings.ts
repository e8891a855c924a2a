import { awsDefaults, type MappingSettings } from '../emulator/index.ts'
import type { Surroundings } from './surroundings.ts'

/** How a mapping cuts batches and tries them again: in every way that the service may, from one mapping to the next. */
export function mappingSettings({ scheduler: { dice }, faults, mapping }: Surroundings): MappingSettings {
  const pollersMax = dice.pick([0, 1, 3])
  const bisect = faults.strikes('bisected') && pollersMax > 0
  return {
    ...awsDefaults,
    batchRecordsMax: dice.pick([1, 2, 6, 20, 60]),
    payloadBytesMax: dice.pick([1_500, awsDefaults.payloadBytesMax]),
    batchWindowMs: dice.pick([0, 0, 100, 2_000]),
    mixing: dice.pick(['mix', 'mix', 'one']),
    pollersMax,
    concurrency: dice.between(2, 3),
    bisect,
    reportFailures: pollersMax > 0 && dice.chance(0.5),
    partialCommits: dice.pick(['at-once', 'at-end']),
    nulls: dice.pick(['absent', 'null']),
    headerBytes: dice.pick(['unsigned', 'signed']),
    oversize: 'deliver',
    // Nothing happens between two looks, and every pause is one.
    pollMs: 1_000,
    retryMaxMs: 250,
    // Environments end by themselves here, by time-outs, too.
    overrun: 'wait',
    ...mapping,
  }
}
