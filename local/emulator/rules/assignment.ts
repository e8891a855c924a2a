import type { MappingSettings } from '../settings.ts'

const INVOCATIONS_OF_A_POLLER = 5

/** Rule 3: how many pollers there are, and how many invocations each may have in flight. */
export function pollersOf(
  { pollersMax, concurrency }: Pick<MappingSettings, 'pollersMax' | 'concurrency'>,
  partitions: number,
): { readonly pollers: number; readonly invocations: number } {
  if (pollersMax === 0) return { pollers: concurrency, invocations: 1 }
  return { pollers: Math.max(1, Math.min(pollersMax, partitions)), invocations: INVOCATIONS_OF_A_POLLER }
}

/**
 * Rule 3: is the partition this poller's? In provisioned mode each has one poller, another one after each of the
 * `rebalances`; in on-demand mode all look everywhere.
 */
export function isAssigned(
  partition: number,
  poller: number,
  { pollers, rebalances, provisioned }: { pollers: number; rebalances: number; provisioned: boolean },
): boolean {
  return !provisioned || (partition + rebalances) % pollers === poller
}
