import { cardRulesProcessor } from './card-rules.ts'
import { cardSpendProcessor } from './card-spend.ts'
import { deviceRulesProcessor } from './device-rules.ts'
import { fahrenheit } from './fahrenheit.ts'
import { fraudDetection } from './fraud-detection.ts'
import { fraudSettings } from './fraud-settings.ts'
import { importantEventsProcessor } from './important-events.ts'
import { largeTransactionsProcessor } from './large-transactions.ts'
import { logCountsProcessor } from './log-counts.ts'
import { sensorAverageProcessor } from './sensor-average.ts'

/** What runs: on the laptop, in AWS and in the picture. */
export const processors = [
  importantEventsProcessor,
  fahrenheit,
  sensorAverageProcessor,
  logCountsProcessor,
  largeTransactionsProcessor,
  cardSpendProcessor,
  fraudDetection,
  cardRulesProcessor,
  deviceRulesProcessor,
  fraudSettings.processor,
]
