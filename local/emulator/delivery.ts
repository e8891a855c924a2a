import type { BrokerRecord } from '../../shared/broker/broker.ts'
import type { KafkaEvent } from '../../shared/runtime/kafka-event.ts'
import { Attempts } from './attempts.ts'
import type { Batch } from './batch.ts'
import type { Environment } from './environment.ts'
import { GiveUp } from './give-up.ts'
import { afterAttempt, byAge, firstOpen, newWork, type Work } from './rules/attempts.ts'
import type { MappingState } from './state.ts'

/** What a step leaves: work to be done, after a pause if there was an error. */
interface Step {
  readonly again: readonly Work[]
  readonly error?: unknown
}

/** A batch on its way: attempts, retries, what is given up, commits. The rules it names stand in `index.ts`. */
export class Delivery<Event, Answer> {
  readonly #state: MappingState<Event | KafkaEvent, Answer>
  readonly #batch: Batch
  readonly #attempts: Attempts<Event, Answer>
  readonly #giveUp: GiveUp<Event, Answer>

  constructor(
    state: MappingState<Event | KafkaEvent, Answer>,
    batch: Batch,
    environment: Environment<Event | KafkaEvent, Answer>,
  ) {
    this.#state = state
    this.#batch = batch
    this.#attempts = new Attempts(state, batch, environment)
    this.#giveUp = new GiveUp(state, environment)
  }

  /** Resolves when all is done with, and otherwise when the mapping stops or has lost the partitions. */
  async run(): Promise<void> {
    const { records, filtered } = this.#batch
    this.#state.counts.polled += records.length + filtered
    this.#state.counts.filteredOut += filtered
    if (records.length === 0) return this.#finish([])
    let open: readonly Work[] = [newWork(records)]
    while (open.length > 0) {
      const [work, ...rest] = open
      const step = await this.#step({ ...work!, records: this.#held(work!.records) })
      if (!step) {
        for (const cursor of this.#batch.cursors) cursor.forget()
        return
      }
      const before = countOf(open)
      open = [...step.again, ...rest]
      // Filtered records are committed with a success, not before the first one.
      if (countOf(open) < before) await this.#finish(open)
      if (step.error !== undefined) await this.#state.pauseAfter(step.error, step.again[0]?.failures ?? 1)
      if (this.#state.stopping && step.error !== undefined) return
    }
  }

  /** Undefined: what was done is to be forgotten. */
  async #step(work: Work): Promise<Step | undefined> {
    const { options, retriesMax } = this.#state
    const { old, young } = byAge(work.records, options.clock.nowMs(), options.settings.recordAgeMaxMs)
    if (old.length > 0) await this.#giveUp.expired(old, work)
    if (young.length === 0) return { again: [] }
    if (this.#batch.isOversize && options.settings.oversize === 'drop') {
      await this.#giveUp.oversize(young)
      return { again: [] }
    }
    const { outcome, error } = await this.#attempts.make({ ...work, records: young })
    const attempt = { records: young, number: work.failures + 1 }
    if (outcome.kind === 'success' && options.faults?.loseCommit?.(attempt)) return undefined
    const { exhausted, again } = afterAttempt({ ...work, records: young }, outcome, { ...options.settings, retriesMax })
    if (exhausted.length > 0) await this.#giveUp.exhausted(exhausted, work, outcome)
    return { again, ...(error !== undefined && { error }) }
  }

  /** Records of partitions that another poller has not taken away. */
  #held(records: readonly BrokerRecord[]): readonly BrokerRecord[] {
    if (this.#batch.isWhole) return records
    const held = new Set(this.#batch.cursors.map(({ partition }) => partition))
    return records.filter(({ partition }) => held.has(partition))
  }

  /** Rule 9, and rule 8: a partition of which nothing is open is free at once. */
  async #finish(open: readonly Work[]): Promise<void> {
    const { settings } = this.#state.options
    const first = firstOpen(open)
    const cursors = this.#batch.cursors
    for (const cursor of cursors) cursor.finish(first.get(cursor.partition) ?? this.#batch.endOf(cursor))
    const waits = settings.filteredCommit === 'with-next' && this.#batch.records.length === 0
    const commits = !waits && (settings.partialCommits === 'at-once' || open.length === 0)
    if (commits) await this.#state.untilItSucceeds(() => this.#state.commit(cursors))
    if (commits || waits) this.#batch.release(this.#batch.cursors.filter(({ partition }) => !first.has(partition)))
  }
}

const countOf = (works: readonly Work[]): number => works.reduce((sum, { records }) => sum + records.length, 0)
