import { kafkaBroker } from '../../broker/kafka.ts'
import { kafkaTopicSink } from '../../sinks/kafka.ts'
import type { Ports } from '../ports.ts'
import type { LambdaSettings } from './settings.ts'

const GIVE_UP_AFTER_MS = 30_000

/** Topics and broker of one cluster; both connect at the first call. */
export function kafkaPorts({ stage, brokers, auth }: LambdaSettings): Pick<Ports, 'topics' | 'broker'> {
  const connection = { brokers, auth, clientId: `millrace-${stage.id}` }
  // A failure that is reported says more than a time-out: give up while the function still can.
  const giveUpAfterMs = Math.min(GIVE_UP_AFTER_MS, Math.floor(stage.deployment.timeoutMs / 3))
  return { topics: kafkaTopicSink({ ...connection, giveUpAfterMs }), broker: kafkaBroker(connection) }
}
