import { processor } from '#millrace'
import { deviceRules } from './fraud/rules.ts'
import { fraudSettings } from './fraud-settings.ts'
import { authorizations, ruleAlerts, shadowAlerts } from './topics.ts'

/** Fraud rules that see a device across cards. */
export const deviceRulesProcessor = processor('device-rules')
  .from(authorizations)
  .keyBy((payment) => payment.deviceId)
  .rules(deviceRules, { settings: fraudSettings })
  .to(ruleAlerts, { where: (alert) => !alert.shadow })
  .to(shadowAlerts, { where: (alert) => alert.shadow })
