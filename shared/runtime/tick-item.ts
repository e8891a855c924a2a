import { MillraceError } from '../errors.ts'
import type { JournalStore } from '../journal/store.ts'
import type { Stage } from '../processor/plan-types.ts'

/** What the tick remembers of one partition. Times in epoch ms. */
export interface TickPartition {
  /** End offset as last seen, and since when (by the tick's clock) it has stood there. */
  readonly end: number
  readonly sinceMs: number
  /** Stream time when the silence began to count; undefined until the partition was loaded for it. */
  readonly baseMs?: number
  /** The first open timer when the partition was last loaded: before silence reaches it there is nothing to do. */
  readonly nextTimerMs?: number
  /** The idle source partitions upstream that its time has been told of. */
  readonly idleLanes?: string
  /** No open timers and nothing unpublished, as of `end`: nothing to do until the end moves. */
  readonly settled: boolean
  /** An operator's event is about to commit: the state may open timers although the end stands still. */
  readonly reopened?: true
  /** Until then, by the tick's clock, such an event may still be at work: the partition is looked at with every tick. */
  readonly watchUntilMs?: number
  /** The outputs of commits up to this one are known to be published. */
  readonly publishedSeq: number
}

export interface TopicIdentity {
  readonly id: string
  readonly partitions: number
}

/** One item per processor and generation; only the tick writes it, but for {@link reopen}. */
export interface TickItem {
  /** Goes up by one with every write. */
  readonly version: number
  /** Identity of the source topic when it was first seen. */
  readonly source?: TopicIdentity
  /** The same of the topics that the stages upstream read, in their order. */
  readonly upstream?: readonly TopicIdentity[]
  /** By partition number. */
  readonly partitions: Readonly<Record<number, TickPartition>>
  /** For a stage that reads an internal topic: since when each source partition upstream has been drained; by its number
   * (those of several sources are numbered on). */
  readonly lanes?: Readonly<Record<number, { readonly end: number; readonly sinceMs: number }>>
}

const REOPEN_ATTEMPTS_MAX = 10

const keyOf = (stage: Stage): string => `${stage.processor}.${stage.generation}.tick`

export async function readTickItem(store: JournalStore, stage: Stage): Promise<TickItem> {
  const item = (await store.read([keyOf(stage)])).get(keyOf(stage))
  if (item === undefined) return { version: 0, partitions: {} }
  return { ...(JSON.parse(item.head) as Omit<TickItem, 'version'>), version: item.seq }
}

/**
 * Tells the tick that a partition's state will change although no record comes. Before the commit: whoever dies behind it
 * has told already, and the tick goes on looking for longer than an invocation can last.
 */
export async function reopen(store: JournalStore, stage: Stage, partition: number): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const item = await readTickItem(store, stage)
    const known = item.partitions[partition]
    if (known === undefined) return
    const { nextTimerMs: _, ...kept } = known
    const { version: __, ...content } = item
    const partitions = { ...item.partitions, [partition]: { ...kept, settled: false, reopened: true as const } }
    if (await writeTickItem(store, stage, item, { ...content, partitions })) return
    if (attempt === REOPEN_ATTEMPTS_MAX)
      throw new MillraceError('JOURNAL_CONFLICT', { scope: stage.id, attempts: attempt })
  }
}

/** Writes what has changed since `known`. @returns false when another tick was faster: nothing was written */
export async function writeTickItem(
  store: JournalStore,
  stage: Stage,
  { version, ...known }: TickItem,
  content: Omit<TickItem, 'version'>,
): Promise<boolean> {
  if (JSON.stringify(content) === JSON.stringify(known)) return true
  const seq = version + 1
  const item = { key: keyOf(stage), seq, head: JSON.stringify(content), body: new Uint8Array() }
  return (await store.put(item, { ifAbsent: true, ifSeq: version })) === 'written'
}
