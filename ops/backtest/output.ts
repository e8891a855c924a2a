import type { Alert } from '#millrace'
import type { Backtest } from './backtest.ts'

/** An alert as the output file has it. `change`: against the settings that were compared with; absent without any. */
export type OutputAlert = Alert & { readonly change?: 'none' | 'gained' | 'lost' }

/** The alerts of a backtest, then those that it has lost against the settings that it was compared with. */
export function* outputAlerts({ alerts, compared }: Pick<Backtest, 'alerts' | 'compared'>): Generator<OutputAlert> {
  if (compared === undefined) {
    yield* alerts
    return
  }
  const gained = new Set(compared.gained)
  for (const alert of alerts) yield { ...alert, change: gained.has(alert) ? 'gained' : 'none' }
  for (const alert of compared.lost) yield { ...alert, change: 'lost' }
}
