import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { NewTopic } from '../../shared/broker/broker.ts'
import { PartitionLog } from './partition-log.ts'
import { readJson } from './read-json.ts'
import { replaceFile } from './replace-file.ts'

/** Kafka's default of `max.message.bytes`. */
const MESSAGE_BYTES_MAX = 1_048_588

/** A topic whose files are open. */
export interface OpenTopic {
  readonly id: string
  readonly logs: readonly PartitionLog[]
  /** The broker's time replaces the producer's. */
  readonly stamped: boolean
}

/** What is known of a topic besides its records. */
interface TopicFile {
  readonly id: string
  readonly partitions: number
  readonly configs: Readonly<Record<string, string>>
}

/** Topics as directories of files: `NAME/topic.json` and `NAME/PARTITION.log`. A topic is opened at its first use. */
export class TopicStore {
  readonly #directory: string
  readonly #open = new Map<string, OpenTopic>()

  constructor(directory: string) {
    this.#directory = directory
  }

  create({ name, partitions, configs = {} }: NewTopic): void {
    if (this.find(name)) return
    mkdirSync(join(this.#directory, name), { recursive: true })
    replaceFile(this.#file(name), JSON.stringify({ id: randomUUID(), partitions, configs } satisfies TopicFile))
  }

  find(name: string): OpenTopic | undefined {
    const found = this.#open.get(name)
    if (found || !existsSync(this.#file(name))) return found
    const opened = this.#openFiles(name, readJson<TopicFile>(this.#file(name)))
    this.#open.set(name, opened)
    return opened
  }

  delete(name: string): void {
    this.#close(this.#open.get(name))
    this.#open.delete(name)
    rmSync(join(this.#directory, name), { recursive: true, force: true })
  }

  close(): void {
    for (const topic of this.#open.values()) this.#close(topic)
    this.#open.clear()
  }

  #openFiles(name: string, { id, partitions, configs }: TopicFile): OpenTopic {
    const stamped = configs['message.timestamp.type'] === 'LogAppendTime'
    const timestampType = stamped ? 'LOG_APPEND_TIME' : 'CREATE_TIME'
    const recordBytesMax = Number(configs['max.message.bytes'] ?? MESSAGE_BYTES_MAX)
    const logs = Array.from({ length: partitions }, (_, partition) => {
      const path = join(this.#directory, name, `${partition}.log`)
      return new PartitionLog(path, { topic: name, partition, timestampType }, recordBytesMax)
    })
    return { id, logs, stamped }
  }

  #close(topic: OpenTopic | undefined): void {
    for (const log of topic?.logs ?? []) log.close()
  }

  #file(name: string): string {
    return join(this.#directory, name, 'topic.json')
  }
}
