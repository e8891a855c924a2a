import { type Counts, zeroCounts } from '../engine/counts.ts'
import { Fold } from '../engine/fold.ts'
import { startPosition } from '../engine/fold-spec.ts'
import type { PinnedSettings } from '../engine/machine.ts'
import { State } from '../engine/state.ts'
import { MillraceError } from '../errors.ts'
import type { Attempt, CommitHead } from '../journal/commit.ts'
import { Journal } from '../journal/journal.ts'
import type { Stage } from '../processor/plan-types.ts'
import { laneOf } from './identity.ts'
import { parkingOf } from './parking.ts'
import type { Ports } from './ports.ts'
import { addressOutputs, publish } from './publish.ts'
import { readingOf } from './time-lanes.ts'

const CONFLICTS_MAX = 20

/**
 * One partition in the hands of one invocation: its journal, its state, and the fold over it.
 * Dropped on any error or unknown answer; only what is confirmed is ever kept for the next invocation.
 */
export class Owner {
  readonly partition: number
  fold: Fold
  commits = 0
  #settings: PinnedSettings | undefined
  #publishedSeq = 0
  readonly #stage: Stage
  readonly #ports: Ports
  readonly #journal: Journal

  private constructor(stage: Stage, ports: Ports, partition: number, journal: Journal, state: State) {
    this.#stage = stage
    this.#ports = ports
    this.partition = partition
    this.#journal = journal
    this.fold = this.#foldOver(state)
  }

  /** Reads everything from the journal. @throws MillraceError `STATE_SIGNATURE_CHANGED`, `JOURNAL_DAMAGED`, `JOURNAL_UNREACHABLE` */
  static async load(stage: Stage, ports: Ports, partition: number): Promise<Owner> {
    const { processor, generation } = stage
    const scope = { processor, generation, partition }
    const journal = new Journal(ports.journal, scope, ports.journalSettings, ports.compression)
    const state = await journal.load(() => new State())
    return new Owner(stage, ports, partition, journal, state)
  }

  /** Settings that the events from here on see; noted in their commits. */
  pin(settings: PinnedSettings | undefined): void {
    this.#settings = settings
    this.fold.pin(settings)
  }

  /** Sequence number of the newest commit. */
  get seq(): number {
    return this.#journal.seq
  }

  /** What the newest commit says; undefined before the first. */
  get head(): CommitHead | undefined {
    return this.#journal.last?.head
  }

  /** Parked records hold up their keys. */
  get holdsKeys(): boolean {
    return this.#stage.holdsKeys
  }

  get name(): string {
    return this.#journal.name
  }

  /**
   * True when a batch that starts at `firstOffset` proves that this state is current (but for a tick, which the fence
   * catches) and that the newest commit is published: the mapping goes on only after a successful invocation.
   */
  isProvenBy(firstOffset: number): boolean {
    return this.head?.moved === true && firstOffset === this.fold.position.offset + 1
  }

  /** True when this very owner has published the outputs of the newest commit. */
  get hasPublished(): boolean {
    return this.#publishedSeq === this.seq
  }

  /** Takes in what others have committed since. */
  async readForward(): Promise<void> {
    const { state } = this.fold
    if ((await this.#journal.readForward(state)) === 'fell-off')
      this.fold = this.#foldOver(await this.#journal.load(() => new State()))
    else this.fold = this.#foldOver(state)
  }

  /** Another owner was faster: what it did comes first. @throws MillraceError `JOURNAL_CONFLICT` after too many `conflicts` */
  async takeInOthers(conflicts: number): Promise<void> {
    if (conflicts > CONFLICTS_MAX)
      throw new MillraceError('JOURNAL_CONFLICT', { scope: this.name, attempts: conflicts })
    await this.readForward()
    await this.publishLast()
  }

  /** Publishes the outputs of the newest commit; again, if they were. */
  async publishLast(): Promise<void> {
    const last = this.#journal.last
    if (last === undefined || last.outbox.length === 0) return
    const lane = laneOf(this.#stage, this.partition)
    await publish(
      this.#stage,
      this.#ports,
      last.outbox.map((entry, index) => ({ entry, identity: { lane, sequence: [last.head.seq, index] } })),
    )
    this.#publishedSeq = last.head.seq
  }

  /**
   * Makes the events folded so far durable, then publishes their outputs, then keeps the buckets up.
   * After 'refused' and 'too-large' the fold is back at the newest commit known.
   */
  async commit(
    kind: CommitHead['kind'],
    { lastRecord, attempting }: { lastRecord?: string; attempting?: Attempt } = {},
  ): Promise<'written' | 'refused' | 'too-large'> {
    const { fold } = this
    const before = this.head
    const head = {
      kind,
      offset: fold.position.offset,
      moved: fold.position.offset > (before?.offset ?? -1),
      streamTimeMs: fold.position.streamTimeMs,
      signature: this.#stage.program.signature,
      counts: fold.position.counts,
      lastRecord: lastRecord ?? before?.lastRecord ?? '',
      atMs: this.#ports.clock.nowMs(),
      ...(this.#settings !== undefined && { settings: this.#settings.version }),
      ...(attempting !== undefined && { attempting }),
    }
    const outcome = await this.#journal.commit({
      head: { ...head, counts: { ...head.counts } },
      changes: fold.state.changes(),
      outbox: addressOutputs(this.#stage, fold.outputs),
    })
    if (outcome !== 'written') {
      fold.undo()
      return outcome
    }
    fold.confirm()
    this.commits++
    await this.publishLast()
    await this.#journal.maintain(fold.state)
    return 'written'
  }

  /** Takes what the newest commit has deleted of these keys out of everything that the journal holds. */
  erase(keys: ReadonlySet<string>): Promise<number> {
    return this.#journal.erase(this.fold.state, keys)
  }

  takeBucketWrites(): number {
    return this.#journal.takeBucketWrites()
  }

  get counts(): Counts {
    return this.fold.position.counts
  }

  #foldOver(state: State): Fold {
    const stage = this.#stage
    const { head } = this
    if (head !== undefined && head.signature !== stage.program.signature)
      throw new MillraceError('STATE_SIGNATURE_CHANGED', {
        scope: this.name,
        stored: head.signature,
        running: stage.program.signature,
      })
    const position =
      head === undefined
        ? startPosition()
        : { offset: head.offset, streamTimeMs: head.streamTimeMs, counts: { ...zeroCounts(), ...head.counts } }
    const fold = new Fold(
      stage.program.stateful!,
      parkingOf(stage, this.partition),
      readingOf(stage, this.partition),
      state,
      position,
    )
    fold.pin(this.#settings)
    return fold
  }
}
