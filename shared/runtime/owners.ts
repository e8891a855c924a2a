import { MillraceError } from '../errors.ts'
import type { Stage } from '../processor/plan-types.ts'
import { Owner } from './owner.ts'
import type { Ports } from './ports.ts'
import { SETTINGS_AGE_MAX_MS, SettingsReader } from './settings-reader.ts'
import { checkSourceIds } from './source-check.ts'
import { readTickItem, type TickItem } from './tick-item.ts'
import { Turns } from './turns.ts'

/**
 * The partitions whose state this environment holds. A partition is taken out while it is worked on and put back only
 * after success: whatever fails on the way, its state is gone and read anew.
 */
export class Owners {
  /** Of those that work on a partition each. */
  readonly turns = new Turns()
  readonly #stage: Stage
  readonly #ports: Ports
  readonly #settings: SettingsReader
  readonly #kept = new Map<number, Owner>()
  readonly #survived = new Map<number, number>()
  #sourceChecked: Promise<boolean> | undefined

  constructor(stage: Stage, ports: Ports) {
    this.#stage = stage
    this.#ports = ports
    this.#settings = new SettingsReader(stage, ports)
  }

  /**
   * The partition's state, current, and with the newest commit's outputs published.
   * Its events see the settings as of now, or of at most {@link SETTINGS_AGE_MAX_MS} ago.
   * `firstOffset`: of the batch at hand; undefined for a tick, which proves nothing.
   */
  async take(partition: number, firstOffset: number | undefined): Promise<Owner> {
    if (partition >= this.#stage.source.partitions)
      throw new MillraceError('SOURCE_CHANGED', {
        scope: this.#stage.id,
        problem: `partition ${partition} appeared, but the topic was declared with ${this.#stage.source.partitions}`,
      })
    const settings = await this.#settings.pinned()
    const owner = await this.#current(partition, firstOffset)
    owner.pin(settings)
    return owner
  }

  async #current(partition: number, firstOffset: number | undefined): Promise<Owner> {
    const kept = this.#kept.get(partition)
    this.#kept.delete(partition)
    if (kept !== undefined) {
      kept.commits = 0
      if (firstOffset !== undefined && kept.isProvenBy(firstOffset)) return kept
      await kept.readForward()
      await this.#publishUnlessMarked(kept)
      return kept
    }
    if (firstOffset !== undefined) await this.#checkSourceOnce()
    const owner = await Owner.load(this.#stage, this.#ports, partition)
    await this.#publishUnlessMarked(owner)
    return owner
  }

  /** Of all partitions that are read for the first time, one asks; until there is an answer. */
  async #checkSourceOnce(): Promise<void> {
    this.#sourceChecked ??= checkSourceIds(this.#stage, this.#ports)
    const hasAnswer = await this.#sourceChecked.catch((error: unknown) => {
      this.#sourceChecked = undefined
      throw error
    })
    if (!hasAnswer) this.#sourceChecked = undefined
  }

  keep(owner: Owner): void {
    this.#kept.set(owner.partition, owner)
    this.#survived.delete(owner.partition)
  }

  /** Its work has failed, and this environment lives. */
  drop({ partition, head }: Owner): void {
    if (head?.attempting !== undefined) this.#survived.set(partition, head.attempting.first)
  }

  /** The first record of the noted attempt that failed here last, and did not kill this environment. */
  survived({ partition }: Owner): number | undefined {
    return this.#survived.get(partition)
  }

  async #publishUnlessMarked(owner: Owner): Promise<void> {
    if ((owner.head?.outbox ?? 0) === 0 || owner.hasPublished) return
    const item: TickItem = await readTickItem(this.#ports.journal, this.#stage)
    if ((item.partitions[owner.partition]?.publishedSeq ?? 0) < owner.seq) await owner.publishLast()
  }
}
