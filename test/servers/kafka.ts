import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Admin } from '@platformatic/kafka'
import { type NodePorts, serverProperties } from './kafka-properties.ts'
import { classPath } from './maven.ts'
import { freePorts, type JavaProcess, startJava, waitUntilReady } from './process.ts'

export interface KafkaServerOptions {
  /** For settings and data; made if it is not there. Must be empty or of an earlier start with the same ports. */
  readonly dir: string
  /** Of the first node; default any free one. */
  readonly port?: number
  /** Default 1. With 3, topics have 3 replicas of which 2 must be in sync. */
  readonly nodes?: number
}

/** A running cluster. Nodes count from 0; without a number every node is meant. */
export interface KafkaServer {
  /** Bootstrap brokers, `host:port` joined by commas. */
  readonly address: string
  readonly pids: readonly number[]
  /** Orderly; resolves when the processes are gone. */
  stop(): Promise<void>
  /** SIGKILL; resolves when the processes are gone. */
  kill(node?: number): Promise<void>
  /** Starts what does not run, on the same ports and data; resolves when every partition can be written to. */
  restart(node?: number): Promise<void>
}

// 4.4.0 names an artifact that was never published; a broker does not need it.
const ARTIFACTS = [
  { coordinates: 'org.apache.kafka:kafka_2.13:4.4.0', without: ['org.apache.kafka:kafka-tools-api'] },
  { coordinates: 'org.apache.logging.log4j:log4j-slf4j-impl:2.25.5' },
]
const JVM = ['-Xms64m', '-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']

/** Starts Apache Kafka with data of its own, and waits until topics can be made and written to. */
export async function startKafka(options: KafkaServerOptions): Promise<KafkaServer> {
  const jars = await classPath('kafka-4.4.0', ARTIFACTS)
  const nodes = await choosePorts(options.nodes ?? 1, options.port)
  const address = nodes.map((node) => `127.0.0.1:${node.broker}`).join(',')
  const dirs = nodes.map((_, index) => join(options.dir, `node-${index + 1}`))
  const clusterId = randomBytes(16).toString('base64url')
  await Promise.all(
    dirs.map((dir, index) => format(jars, dir, serverProperties(nodes, index + 1, join(dir, 'data')), clusterId)),
  )

  const logs = dirs.map((dir) => join(dir, 'server.log'))
  const running: JavaProcess[] = []
  const start = async (index: number) => {
    if (running[index]?.running) return
    running[index] = await startJava(
      [...JVM, '-cp', jars, 'kafka.Kafka', 'server.properties'],
      dirs[index]!,
      logs[index]!,
    )
  }
  const chosen = (node?: number) => (node === undefined ? nodes.map((_, index) => index) : [node])
  const startAndWait = async (node?: number) => {
    await Promise.all(chosen(node).map(start))
    const up = nodes.filter((_, index) => running[index]?.running)
    const servers = running.filter((server) => server.running)
    await waitUntilReady(servers, logs, () => Promise.all(up.map((ports) => writable(ports.broker, up.length))))
  }

  await startAndWait()
  return {
    address,
    get pids() {
      return running.filter((server) => server.running).map((server) => server.pid)
    },
    stop: async () => void (await Promise.all(running.map((server) => server.stop()))),
    kill: async (node) => void (await Promise.all(chosen(node).map((index) => running[index]!.kill()))),
    restart: startAndWait,
  }
}

async function choosePorts(count: number, first: number | undefined): Promise<NodePorts[]> {
  const ports = await freePorts(2 * count)
  const nodes = Array.from({ length: count }, (_, index) => ({
    broker: ports[2 * index]!,
    controller: ports[2 * index + 1]!,
  }))
  if (first !== undefined) nodes[0] = { ...nodes[0]!, broker: first }
  return nodes
}

async function format(jars: string, dir: string, properties: string, clusterId: string): Promise<void> {
  await mkdir(dir, { recursive: true })
  await writeFile(join(dir, 'server.properties'), properties)
  const command = ['format', '--ignore-formatted', `--cluster-id=${clusterId}`, '-c', 'server.properties']
  await promisify(execFile)('java', [...JVM, '-cp', jars, 'kafka.tools.StorageTool', ...command], { cwd: dir })
}

/**
 * An open port says little: a broker is ready when it knows of all brokers, and of a leader for every partition.
 * Each is asked by itself, because the others still count one that has just been killed.
 * @throws until then
 */
async function writable(port: number, brokers: number): Promise<void> {
  const admin = new Admin({ clientId: 'readiness', bootstrapBrokers: [`127.0.0.1:${port}`], retries: 0 })
  try {
    const topics = await admin.listTopics()
    if (!topics.includes(READINESS)) await admin.createTopics({ topics: [READINESS], partitions: 3 })
    const metadata = await admin.metadata({ topics: [...new Set([...topics, READINESS])], forceUpdate: true })
    const leaders = [...metadata.topics.values()].flatMap(({ partitions }) => partitions.map(({ leader }) => leader))
    if (metadata.brokers.size < brokers || leaders.some((leader) => leader < 0)) throw new Error('not all leaders yet')
  } finally {
    await admin.close()
  }
}

const READINESS = 'readiness'
