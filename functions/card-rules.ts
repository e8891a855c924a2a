import { processor } from '#millrace'
import { cardRules } from './fraud/rules.ts'
import { fraudSettings } from './fraud-settings.ts'
import { authorizations, ruleAlerts, shadowAlerts } from './topics.ts'

/** Every fraud rule on cards, in one pass over each authorization. */
export const cardRulesProcessor = processor('card-rules')
  .from(authorizations)
  .keyBy()
  .rules(cardRules, { settings: fraudSettings })
  .to(ruleAlerts, { where: (alert) => !alert.shadow })
  .to(shadowAlerts, { where: (alert) => alert.shadow })
