/** One record as a broker hands it out. Keys and values are raw bytes; null means absent in Kafka. */
export interface BrokerRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Epoch ms: the producer's time or the broker's, as `timestampType` says. */
  readonly timestampMs: number
  readonly timestampType: 'CREATE_TIME' | 'LOG_APPEND_TIME'
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  /** In the order written; a name may occur more than once. */
  readonly headers: readonly (readonly [name: string, value: Uint8Array])[]
}

/** What a consumer group has committed for one partition. */
export interface CommittedOffset {
  readonly partition: number
  /** Offset of the next record the group wants. */
  readonly offset: number
  /** Free text stored beside the offset (Kafka stores up to 4 KB); '' when there is none. */
  readonly metadata: string
}

export interface TopicDescription {
  /** Changes when a topic is deleted and made again under the same name. */
  readonly id: string
  readonly partitions: number
}

export interface NewTopic {
  readonly name: string
  readonly partitions: number
  /** Broker settings in Kafka's names, such as `retention.ms`. */
  readonly configs?: Readonly<Record<string, string>>
}

export interface FetchLimits {
  readonly maxRecords: number
  /** Stop after the record that reaches this many bytes of keys and values; at least one record is returned. */
  readonly maxBytes: number
}

/**
 * The broker as tick, emulator and tools see it. Producing is the topic sink's job.
 * All arrays over partitions are indexed by partition number.
 * @throws MillraceError `BROKER_UNREACHABLE` (retriable) from every method when the broker does not answer in time.
 */
export interface Broker {
  /** undefined: no such topic. */
  describe(topic: string): Promise<TopicDescription | undefined>
  /** Creates the topic unless it exists; resolves when every partition can be written to. */
  ensureTopic(topic: NewTopic): Promise<void>
  /** Offset of the oldest record still there; equals the end offset for an empty partition. */
  startOffsets(topic: string): Promise<number[]>
  /** Offset that the next record will get. */
  endOffsets(topic: string): Promise<number[]>
  /** What `group` has committed on `topic`; undefined for a partition without a commit. */
  committed(group: string, topic: string): Promise<(CommittedOffset | undefined)[]>
  /** Stores the group's offsets. For the event source mapping emulator; in AWS the mapping does this itself. */
  commit(group: string, topic: string, offsets: readonly CommittedOffset[]): Promise<void>
  /** Names of all consumer groups, in any order. */
  groups(): Promise<string[]>
  /** Drops a group with what it has committed, on all topics; nothing happens when there is none. @throws MillraceError `USAGE` while it has members */
  deleteGroup(group: string): Promise<void>
  /**
   * Records of one partition from `fromOffset` on, in offset order. Empty when there are none yet.
   * May return fewer than asked for; never waits for records to come.
   */
  fetch(topic: string, partition: number, fromOffset: number, limits: FetchLimits): Promise<BrokerRecord[]>
  close(): Promise<void>
}
