import type { KafkaConnection } from '../../shared/broker/kafka-connection.ts'

/** How records get from the topic to the result. */
export type Way = 'millrace' | 'plain, same fetch' | 'plain, client’s stream'

/** One measured run, in a process of its own. */
export interface RunRequest {
  readonly way: Way
  readonly processor: string
  /** Bootstrap brokers, `host:port` joined by commas. */
  readonly brokers: string
  /** Where the journal is. */
  readonly databaseEndpoint: string
  /** Tells this run's offsets and state from those of the others. */
  readonly name: string
  /** How many records the topic holds. */
  readonly records: number
}

export interface RunResult {
  /** Records that were read. */
  readonly read: number
  readonly outputs: number
  readonly durationMs: number
  /** Of this process, all its threads. */
  readonly cpuMs: number
  readonly rssBytes: number
}

export const SOURCE = 'transactions'

/** The cluster, for a client of this name. */
export const connectionTo = (brokers: string, clientId: string): KafkaConnection => ({
  brokers: brokers.split(','),
  clientId,
  auth: { kind: 'none' },
})

/** Measures the work: everything must be connected before it begins, and published when it ends. */
export async function measured(work: () => Promise<{ read: number; outputs: number }>): Promise<RunResult> {
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const done = await work()
  const durationMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpuBefore)
  return { ...done, durationMs, cpuMs: (user + system) / 1_000, rssBytes: process.resourceUsage().maxRSS * 1_024 }
}
