import { ruleSettings } from '#millrace'
import { cardRules, deviceRules } from './fraud/rules.ts'

/** What operators change of the fraud rules without a deploy. */
export const fraudSettings = ruleSettings('fraud-settings', [cardRules, deviceRules])
