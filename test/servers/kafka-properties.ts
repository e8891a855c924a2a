/** Where one node listens. */
export interface NodePorts {
  readonly broker: number
  readonly controller: number
}

/** The text of a node's `server.properties`. `nodes` are all of the cluster's; ids count from 1. */
export function serverProperties(nodes: readonly NodePorts[], id: number, logDir: string): string {
  const { broker, controller } = nodes[id - 1]!
  const voters = nodes.map((node, index) => `${index + 1}@127.0.0.1:${node.controller}`)
  const replicas = nodes.length
  const inSync = Math.max(1, replicas - 1)
  return lines({
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': voters.join(','),
    listeners: `PLAINTEXT://127.0.0.1:${broker},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${broker}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': logDir,
    'auto.create.topics.enable': false,
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'group.initial.rebalance.delay.ms': 0,
    ...internalTopic('offsets.topic', replicas),
    ...internalTopic('transaction.state.log', replicas),
    'transaction.state.log.min.isr': inSync,
    ...internalTopic('share.coordinator.state.topic', replicas),
    'share.coordinator.state.topic.min.isr': inSync,
    // The default takes 128 MiB of heap at start.
    'log.cleaner.dedupe.buffer.size': 4_194_304,
    // After a crash a broker waits until its old session is over.
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
  })
}

const internalTopic = (name: string, replicas: number) => ({
  [`${name}.replication.factor`]: replicas,
  [`${name}.num.partitions`]: 3,
})

const lines = (properties: Record<string, string | number | boolean>): string =>
  Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
