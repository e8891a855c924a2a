import type { Broker } from './broker.ts'
import { kafkaClient } from './kafka-client.ts'
import type { KafkaConnection } from './kafka-connection.ts'
import { commitOffsets, committedOffsets, deleteGroup, groupNames } from './kafka-groups.ts'
import { recordReader } from './kafka-records.ts'
import { describeTopic, endOffsets, ensureTopic, startOffsets } from './kafka-topics.ts'

export interface KafkaBrokerOptions extends KafkaConnection {
  /** How long one call may take, retries included, default 9,000 ms. `ensureTopic` and `fetch` are made of two. */
  readonly giveUpAfterMs?: number
  /** How much `fetch` asks a broker for at once, default 2 MiB. What a call does not use is kept for the next one. */
  readonly blockBytes?: number
  /** How many partitions `fetch` keeps a block of, default 64; the least recently read one goes first. */
  readonly blocksMax?: number
}

/**
 * A Kafka cluster (3.1 or later) as a broker. Connects at the first call.
 *
 * Besides what the port says: `fetch` starts at the oldest record when asked for an older one, and finds nothing beyond
 * the end. Records of aborted transactions are read like any other.
 *
 * @throws MillraceError `USAGE` for a topic or partition that does not exist, and where the broker refuses for good.
 */
export function kafkaBroker(options: KafkaBrokerOptions): Broker {
  const client = kafkaClient(options, options.giveUpAfterMs ?? 9_000)
  const fetch = recordReader(client, {
    blockBytes: options.blockBytes ?? 2 * 1024 * 1024,
    blocksMax: options.blocksMax ?? 64,
  })
  return {
    describe: (topic) => describeTopic(client, topic),
    ensureTopic: (topic) => ensureTopic(client, topic),
    startOffsets: (topic) => startOffsets(client, topic),
    endOffsets: (topic) => endOffsets(client, topic),
    committed: (group, topic) => committedOffsets(client, group, topic),
    commit: (group, topic, offsets) => commitOffsets(client, group, topic, offsets),
    groups: () => groupNames(client),
    deleteGroup: (group) => deleteGroup(client, group),
    fetch,
    close: () => client.close(),
  }
}
