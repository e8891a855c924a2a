import type { Counts } from '../../shared/engine/counts.ts'
import { Journal } from '../../shared/journal/journal.ts'
import type { JournalItem, JournalStore } from '../../shared/journal/store.ts'
import { PARKED_TOPIC } from '../../shared/processor/plan.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import type { ParkedRecord } from '../../shared/runtime/parking.ts'
import type { TableSink, TopicSink } from '../../shared/sinks/sink.ts'
import { CommitLog, type Moment } from './commit-log.ts'
import type { Ends } from './deliveries.ts'
import { type Environment, noWork, type Work } from './environment.ts'
import { Identities } from './identities.ts'
import { SourceLogs } from './source-logs.ts'
import { type RowsOf, TableRows } from './table-rows.ts'

/** What stands behind the ports, as the observer needs it. */
export interface Observed {
  readonly stages: readonly Stage[]
  readonly ring: number
  readonly bucketsAtFirst: number
  readonly rowsOf: RowsOf
  nowMs(): number
}

/**
 * Sees every effect on journal, topics and tables as it happens, holds it against the invariants, and counts the
 * situations that come up.
 *
 * 1. A partition's seq grows by one, its offset and stream time never shrink, its state's signature stays.
 * 2. Commit seq + 1 is written only when all outputs of seq are out.
 * 3. A batch succeeds only when all of it is committed; the group is never ahead of the journal.
 * 4. Commits read every record between their offsets once, unless the group was set forward, which must be logged.
 * 5. Each of them has one fate.
 * 6. The same identity has the same bytes and place.
 * 7. First appearances grow per lane and target partition.
 * 8. Every put has a condition; a row never goes back.
 * 9. A tick moves time only where nothing waits, and by no more than the silence; it waits for nothing that was taken.
 */
export class Observer {
  readonly problems: string[] = []
  readonly situations = new Map<string, number>()
  readonly logs = new SourceLogs()
  readonly commits: CommitLog
  readonly #identities: Identities
  readonly #rows: TableRows
  readonly #world: Observed
  readonly #laneOfKey = new Map<string, string>()
  /** Stages whose tick item was written, by a tick or not. */
  readonly #noted = new Set<string>()
  readonly #givenUp = new Map<string, Map<number, 'asked' | 'done'>>()
  readonly #lastUsed = new Map<string, Environment>()
  /** Whose call is taking effect. */
  now: { readonly work: Work; readonly environment: Environment | undefined } = { work: noWork, environment: undefined }
  /** The source was made anew: the rules for one source no longer hold, but somebody must say so. */
  sourceMadeAnew = false

  constructor(world: Observed) {
    this.#world = world
    this.#identities = new Identities()
    this.#rows = new TableRows(world.rowsOf)
    this.commits = new CommitLog(world, this.logs, this.#identities)
    if (world.stages.some(({ generation }) => generation > 1)) this.count('two generations side by side')
  }

  count(situation: string, times = 1): void {
    this.situations.set(situation, (this.situations.get(situation) ?? 0) + times)
  }

  #claim(problems: readonly string[]): void {
    if (!this.sourceMadeAnew) this.problems.push(...problems)
  }

  // What happens

  journal(store: JournalStore): JournalStore {
    return {
      ...store,
      read: async (keys) => {
        const found = await store.read(keys)
        for (const item of found.values()) this.#read(item)
        return found
      },
      put: async (item, condition) => {
        const { now } = this
        if (Object.keys(condition).length === 0) this.problems.push(`${item.key} was put without a condition`)
        const stored = (await store.read([item.key])).get(item.key)
        const outcome = await store.put(item, condition)
        this.#put(item, outcome, now, stored)
        return outcome
      },
    }
  }

  topics(sink: TopicSink): TopicSink {
    return {
      ...sink,
      append: async (topic, partition, records) => {
        await sink.append(topic, partition, records)
        for (const record of records) {
          const { mr } = record.headers
          this.logs.append(topic, partition, record.timestampMs, mr === undefined)
          if (mr === undefined) continue
          const content = `${partition} ${record.timestampMs} ${record.key} ${record.value}`
          if (topic === PARKED_TOPIC) this.count(`parked: ${(JSON.parse(String(record.value)) as ParkedRecord).reason}`)
          const { problems, first, lane, sequence } = this.#identities.appear(topic, partition, mr, content)
          this.#claim(problems)
          this.#noteLane(`${topic}/${partition} ${record.key}`, lane)
          if (!first) this.count('repeat on a topic')
          else if (sequence.length === 2 && sequence[0]! < this.commits.seqOf(lane))
            this.#claim([`an output of commit ${sequence[0]} of ${lane} first appears after the next commit`])
          if (!first && sequence[0]! < this.commits.seqOf(lane)) this.count('outputs sent after a later commit')
        }
      },
    }
  }

  tables(sink: TableSink): TableSink {
    return {
      ...sink,
      write: async (table, rows) => {
        const outcome = await sink.write(table, rows)
        if (outcome.refused > 0) this.count('row refused')
        for (const { lane, sequence } of rows) this.#identities.note(lane, sequence)
        this.#claim(this.#rows.check(table, rows))
        return outcome
      },
    }
  }

  #noteLane(key: string, lane: string): void {
    if ((this.#laneOfKey.get(key) ?? lane) !== lane) this.count('two lanes feed one key')
    this.#laneOfKey.set(key, lane)
  }

  log(event: Readonly<Record<string, unknown>>, stage: Stage, work: Work): void {
    this.count(`logged: ${event.what}`)
    const partition = Number(event.partition)
    if (event.what === 'offset gap') this.commits.noteGap(stage.id, partition, event)
    if (event.what === 'tick holds') this.#checkHold(stage, partition, Number(event.behind), work)
  }

  /** A tick must know what was committed before it began. */
  #checkHold(stage: Stage, partition: number, behind: number, { source, offsets }: Work): void {
    const { end } = source[partition]!
    if (end === this.logs.partitions(stage.source.name)[partition]!.end && offsets[partition]! >= end - behind)
      this.#claim([`a tick of ${laneOf(stage, partition)} waits for records that were taken before it began`])
  }

  invoked(stage: Stage, partition: number, environment: Environment): void {
    if (!stage.stateful) return
    const lane = laneOf(stage, partition)
    const known = environment.known.get(lane)
    if (known !== undefined && known < this.commits.seqOf(lane)) this.count('warm cache is stale')
    if (this.#lastUsed.get(lane) !== environment) this.count('another environment takes the partition')
    this.#lastUsed.set(lane, environment)
  }

  delivered(stage: Stage, partition: number, first: number): void {
    const last = this.commits.newest(laneOf(stage, partition))
    if (last !== undefined && first <= last.offset && !this.commits.isPublished(laneOf(stage, partition), last))
      this.count('delivered again before the outputs are out')
  }

  succeeded(stage: Stage, ends: Ends): void {
    if (!stage.stateful) return
    for (const [partition, end] of ends) {
      const offset = this.commits.newest(laneOf(stage, partition))?.offset ?? -1
      if (offset < end - 1)
        this.#claim([`a batch of ${stage.id} up to ${end} succeeded, its journal ${partition} is at ${offset}`])
    }
  }

  /** A refusal that is no failure of the runtime. */
  isExpected(code: string, stage: Stage, isOther: boolean): boolean {
    if (code === 'STATE_SIGNATURE_CHANGED') return isOther
    if (code === 'SOURCE_CHANGED' && this.sourceMadeAnew) {
      this.count(`alarm: ${stage.id}`)
      return true
    }
    return false
  }

  // What is known

  /** Outputs that have come out, repeats apart. */
  get outputs(): number {
    return this.#identities.count
  }

  /** It has noted which topics its records come from. */
  knowsSources({ processor, generation, upstream }: Stage): boolean {
    const name = `${processor}.${generation}`
    return this.#noted.has(`${name} true`) || (upstream.length === 0 && this.#noted.has(`${name} false`))
  }

  /** Of the newest commit; -1 before the first. */
  offsetOf(stage: Stage, partition: number): number {
    return this.commits.newest(laneOf(stage, partition))?.offset ?? -1
  }

  /** Where ticks moved time, for an oracle that folds by itself. */
  moments(stage: Stage, partition: number): readonly Moment[] {
    return this.commits.moments(laneOf(stage, partition))
  }

  /** Offsets over which the group was set forward. */
  skipped(stage: Stage, partition: number): ReadonlySet<number> {
    return this.commits.skipped(laneOf(stage, partition))
  }

  /** Of the newest commit; undefined before the first. */
  counts(stage: Stage, partition: number): Counts | undefined {
    return this.commits.newest(laneOf(stage, partition))?.counts
  }

  /** A record is given up: somebody asks for it, or has been told that it is done. */
  givesUp(stage: Stage, { partition, offset }: { partition: number; offset: number }, what: 'asked' | 'done'): void {
    const given = this.#givenUp.get(laneOf(stage, partition)) ?? new Map<number, 'asked' | 'done'>()
    if (given.get(offset) !== 'done') given.set(offset, what)
    this.#givenUp.set(laneOf(stage, partition), given)
  }

  givenUp(stage: Stage, partition: number): ReadonlyMap<number, 'asked' | 'done'> {
    return this.#givenUp.get(laneOf(stage, partition)) ?? new Map()
  }

  /** Counts how caches catch up. @returns what ends it */
  watchCaches(): () => void {
    const original = Journal.prototype.readForward
    const { count } = this
    const add = count.bind(this)
    Journal.prototype.readForward = async function (this: Journal, state) {
      const [known, outcome] = [this.seq, await original.call(this, state)]
      if (outcome === 'fell-off') add('cache fell off the ring')
      else if (this.seq > known) add('stale cache reads forward')
      return outcome
    }
    return () => {
      Journal.prototype.readForward = original
    }
  }

  #read(item: JournalItem): void {
    const place = placeOf(item.key)
    const { environment } = this.now
    if (place === undefined || environment === undefined) return
    if (place.kind === 'c')
      environment.known.set(place.lane, Math.max(item.seq, environment.known.get(place.lane) ?? 0))
    else this.count(`bucket read ${Math.min(16, this.commits.seqOf(place.lane) - item.seq)} commits old`)
  }

  #put(
    item: JournalItem,
    outcome: 'written' | 'refused',
    { work, environment }: Observer['now'],
    stored: JournalItem | undefined,
  ): void {
    const place = placeOf(item.key)
    if (place === undefined) {
      // A batch notes the stage's own source there, too, but not those upstream of a re-key.
      if (outcome === 'written') this.#noted.add(`${item.key.split('.').slice(0, 2).join('.')} ${work.kind === 'tick'}`)
      this.count(`tick item ${outcome}`)
      return
    }
    if (place.kind === 'b') {
      this.count(`bucket ${outcome}`)
      if (work.written === 0) this.count('bucket guard waits')
      if (outcome === 'written' && place.buckets > this.#world.bucketsAtFirst) this.count('buckets doubled')
      return
    }
    if (outcome === 'written' && work.kind === 'forget' && stored?.seq === item.seq) {
      this.count('older commit written anew without what is forgotten')
      return
    }
    this.count(`commit of a ${work.kind} ${outcome}`)
    if (outcome === 'refused') {
      this.#refused(place.lane, item, work, stored)
      return
    }
    work.written++
    environment?.known.set(place.lane, item.seq)
    const { problems, situations } = this.commits.written(place.lane, item, work)
    this.#claim(problems)
    for (const situation of situations) this.count(situation)
  }

  #refused(lane: string, item: JournalItem, work: Work, stored: JournalItem | undefined): void {
    if (work.abandoned) this.count('put of a zombie refused')
    const winner = this.commits.kindOf(lane, item.seq)
    if (winner === 'tick' && work.kind === 'batch') this.count('tick wins against a batch')
    if (winner === 'batch' && work.kind === 'tick') this.count('tick loses against a batch')
    if (winner !== undefined && [winner, work.kind].includes('redrive'))
      this.count(`${work.kind} loses against a ${winner}`)
    if (stored !== undefined && stored.seq > item.seq) this.count('put met a slot that moved on')
  }
}

export const laneOf = ({ processor, generation }: Stage, partition: number): string =>
  `${processor}.${generation}.${partition}`

/** Of a commit or a bucket; undefined for the item of the tick. */
function placeOf(key: string): { lane: string; kind: string; buckets: number } | undefined {
  const [processor, generation, partition, kind, number] = key.split('.')
  return kind === undefined
    ? undefined
    : { lane: `${processor}.${generation}.${partition}`, kind, buckets: Number(number) }
}
