import { countsBalance } from '../../shared/engine/counts.ts'
import type { CommitHead } from '../../shared/journal/commit.ts'
import type { JournalItem } from '../../shared/journal/store.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import type { Work } from './environment.ts'
import type { Identities } from './identities.ts'
import type { Observed } from './observer.ts'
import type { SourceLogs } from './source-logs.ts'

/** A commit that is not of records: after the one at `offset`, time is at `timeMs`, and some keys may be forgotten. */
export interface Moment {
  readonly offset: number
  readonly timeMs: number
  /** Of the commit. */
  readonly seq: number
  /** Addresses of keys that it erases. */
  readonly forgotten: readonly string[]
}

const BURST = 50_000

/** Every commit of every journal in the order written, and what the rules say of one that follows another. */
export class CommitLog {
  /** By how much clocks of environments may differ: silence may seem longer by that. */
  clocksDifferByMs = 0
  readonly #world: Observed
  readonly #logs: SourceLogs
  readonly #identities: Identities
  readonly #heads = new Map<string, CommitHead[]>()
  /** By lane and commit. */
  readonly #forgotten = new Map<string, readonly string[]>()
  readonly #gaps: { readonly lane: string; readonly expected: number; readonly got: number }[] = []
  readonly #bursts = new Map<string, number>()
  readonly #skipped = new Map<string, Set<number>>()

  constructor(world: Observed, logs: SourceLogs, identities: Identities) {
    this.#world = world
    this.#logs = logs
    this.#identities = identities
  }

  newest(lane: string): CommitHead | undefined {
    return this.#heads.get(lane)?.at(-1)
  }

  /** Sequence number of the newest commit; 0 without one. */
  seqOf(lane: string): number {
    return this.#heads.get(lane)?.length ?? 0
  }

  kindOf(lane: string, seq: number): string | undefined {
    return this.#heads.get(lane)?.[seq - 1]?.kind
  }

  isPublished(lane: string, { seq, outbox }: CommitHead): boolean {
    return this.#identities.outputsOf(lane, seq) >= outbox
  }

  moments(lane: string): Moment[] {
    const heads = this.#heads.get(lane) ?? []
    return heads
      .filter(({ kind, moved }) => kind !== 'batch' || !moved)
      .map(({ seq, offset, streamTimeMs }) => ({
        seq,
        offset,
        timeMs: streamTimeMs,
        forgotten: this.#forgotten.get(`${lane};${seq}`) ?? [],
      }))
  }

  skipped(lane: string): ReadonlySet<number> {
    return this.#skipped.get(lane) ?? new Set()
  }

  /** An alarm: records between what is applied and what was delivered were not. */
  noteGap(stage: string, partition: number, { expected, got }: Readonly<Record<string, unknown>>): void {
    this.#gaps.push({ lane: `${stage} ${partition}`, expected: Number(expected), got: Number(got) })
  }

  /** A commit was written. */
  written(lane: string, item: JournalItem, work: Work): { problems: string[]; situations: string[] } {
    const head = JSON.parse(item.head) as CommitHead
    const before = this.newest(lane)
    const stage = this.#stageOf(lane)
    const partition = Number(lane.slice(lane.lastIndexOf('.') + 1))
    const problems = [
      ...this.#order(head, before),
      ...(before !== undefined && !this.isPublished(lane, before)
        ? [`commit ${head.seq} is written before the outputs of the one before it are out`]
        : []),
      ...this.#fates(stage, lane, partition, head, before),
      ...(head.kind === 'tick' ? this.#tick(stage, partition, head, before, work) : []),
    ].map((problem) => `${lane}: ${problem}`)
    if (head.kind === 'forget') this.#forgotten.set(`${lane};${head.seq}`, work.forgets)
    const heads = this.#heads.get(lane)
    if (heads === undefined) this.#heads.set(lane, [head])
    else heads.push(head)
    return { problems, situations: [...this.#situations(head, before), ...this.#burst(lane, head)] }
  }

  #order(head: CommitHead, before: CommitHead | undefined): string[] {
    const problems: string[] = []
    if (head.seq !== (before?.seq ?? 0) + 1) problems.push(`commit ${head.seq} follows ${before?.seq ?? 'nothing'}`)
    if (before === undefined) return problems
    if (head.offset < before.offset) problems.push(`offset goes back from ${before.offset} to ${head.offset}`)
    if (head.streamTimeMs < before.streamTimeMs)
      problems.push(`stream time goes back from ${before.streamTimeMs} to ${head.streamTimeMs}`)
    if (head.signature !== before.signature) problems.push(`state of ${before.signature} goes on as ${head.signature}`)
    return problems
  }

  /** Read is what stood between the offsets, and every record read has one fate. */
  #fates(stage: Stage, lane: string, partition: number, head: CommitHead, before: CommitHead | undefined): string[] {
    const problems = countsBalance(head.counts) ? [] : ['counts do not add up']
    const from = before?.offset ?? -1
    const there = this.#logs.records(stage.source.name, partition, from, head.offset)
    const missing = there - (head.counts.read - (before?.counts.read ?? 0))
    if (missing === 0) return problems
    const isNoted = this.#gaps.some(
      (gap) => gap.lane === `${stage.id} ${partition}` && gap.expected <= from + 1 && gap.got === from + 1 + missing,
    )
    if (missing > 0 && isNoted) {
      const skipped = this.#skipped.get(lane) ?? new Set()
      for (let offset = from + 1; offset <= from + missing; offset++) skipped.add(offset)
      this.#skipped.set(lane, skipped)
      return problems
    }
    return [...problems, `from ${from} to ${head.offset} are ${there} records, ${there - missing} were read`]
  }

  #tick(stage: Stage, partition: number, head: CommitHead, before: CommitHead | undefined, work: Work): string[] {
    const problems: string[] = []
    const { end, silentSinceMs } = work.source[partition]!
    const waits = head.offset + 1 < end
    // Behind a re-key it may stop waiting for source partitions that are idle; silence does not count all the same.
    if (waits && stage.upstream.length === 0)
      problems.push(`a tick moved time at ${head.offset}, while records up to ${end} waited`)
    const silentMs = waits ? 0 : this.#world.nowMs() - silentSinceMs - stage.idleAfterMs
    const latest = Math.max(before?.streamTimeMs ?? -1, this.#logs.highestMs(stage, partition))
    if (head.streamTimeMs > latest + Math.max(0, silentMs) + this.clocksDifferByMs)
      problems.push(`a tick moved time to ${head.streamTimeMs}, ahead of all records`)
    return problems
  }

  #situations(head: CommitHead, before: CommitHead | undefined): string[] {
    const grown = (name: 'parked' | 'duplicatesDropped') => head.counts[name] > (before?.counts[name] ?? 0)
    const seen: [boolean, string][] = [
      [head.seq > this.#world.ring, 'ring went round'],
      [!head.moved && head.kind === 'batch' && head.attempting === undefined, 'cut inside a burst of timers'],
      [head.attempting !== undefined, 'attempt noted'],
      [grown('duplicatesDropped'), 'repeat dropped downstream'],
      [grown('parked'), 'hole opened'],
      [head.kind === 'tick' && head.outbox > 0, 'a tick has outputs'],
    ]
    return seen.filter(([is]) => is).map(([, situation]) => situation)
  }

  /** Outputs of commits that one record was cut into. */
  #burst(lane: string, { kind, moved, outbox, attempting }: CommitHead): string[] {
    if (kind !== 'batch' || attempting !== undefined) return []
    const outputs = (this.#bursts.get(lane) ?? 0) + outbox
    // The first of them may hold records before it.
    this.#bursts.set(lane, moved ? outbox : outputs)
    return moved && outputs >= BURST ? [`one record closes ${BURST} windows`] : []
  }

  #stageOf(lane: string): Stage {
    const [processor, generation] = lane.split('.')
    return this.#world.stages.find(
      (stage) => stage.stateful && stage.processor === processor && String(stage.generation) === generation,
    )!
  }
}
