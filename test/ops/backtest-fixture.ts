import type { RuleSettings } from '#millrace'
import type { Authorization } from '../../functions/fraud/card.ts'
import { processors } from '../../functions/index.ts'
import { type BacktestOptions, backtest } from '../../ops/backtest/backtest.ts'
import { payment } from '../functions/fraud/rule-fixture.ts'

type Labelled = Authorization & { isFraud?: number }
export const line = (given: Partial<Labelled>): string =>
  JSON.stringify({ ...payment({ deviceId: `device of ${given.cardId}`, ...given }), ...given })

const SECOND = 1_000
const DAY = 86_400_000
/** Two days: an attack on card a, one on b that has only two small payments, and a card c that is only generous. */
export const history = [
  line({ cardId: 'a', amount: 5, at: 0, isFraud: 1 }),
  line({ cardId: 'a', amount: 6, at: SECOND, isFraud: 1 }),
  line({ cardId: 'a', amount: 7, at: 2 * SECOND, isFraud: 1 }),
  line({ cardId: 'a', amount: 1_500, at: 3 * SECOND, isFraud: 1 }),
  line({ cardId: 'b', amount: 8, at: 10 * SECOND, isFraud: 1 }),
  line({ cardId: 'b', amount: 9, at: 11 * SECOND, isFraud: 1 }),
  line({ cardId: 'b', amount: 2_500, at: 12 * SECOND, isFraud: 1 }),
  line({ cardId: 'c', amount: 6_000, at: 20 * SECOND }),
  'not JSON',
  line({ cardId: 'd', amount: 1, at: 2 * DAY }),
]

export const two: RuleSettings = {
  rules: { 'small-then-large': { parameters: { small: 100, large: 1_000, times: 2, withinMs: 300_000 } } },
}

export const linesOf = (lines: readonly string[]) => (topic: string) => ({
  id: 'by hand',
  linesInAll: () => lines.length,
  async *read() {
    yield lines.map((content) => ({ topic, content }))
  },
})

export const run = (settings: RuleSettings, more: Partial<BacktestOptions> = {}) =>
  backtest({
    processors,
    settings,
    otherSettings: undefined,
    labels: 'isFraud',
    value: 'amount',
    history: linesOf(history),
    ...more,
  })
