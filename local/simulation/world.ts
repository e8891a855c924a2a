import { type MemoryBroker, memoryBroker } from '../../shared/broker/memory.ts'
import type { JournalSettings } from '../../shared/journal/journal.ts'
import { memoryJournalStore } from '../../shared/journal/memory.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import { memoryTopicSink } from '../../shared/sinks/memory.ts'
import { memoryTableSink } from '../../shared/sinks/memory-table.ts'
import { bookProblems, openTimers } from './books.ts'
import { everythingIn, rowsOf } from './contents.ts'
import { drain } from './drain.ts'
import type { Faults } from './faults.ts'
import { forgetSome } from './forgetter.ts'
import { Mapping } from './mapping.ts'
import { laneOf, Observer } from './observer.ts'
import { Operator } from './operator.ts'
import { parkedIn } from './parked.ts'
import type { Scheduler } from './scheduler.ts'
import { Sources } from './sources.ts'
import type { Surroundings } from './surroundings.ts'
import { type TopicFaults, topicFaults } from './topic-faults.ts'
import type { Appended, Outcome, Scene } from './topology.ts'
import { uncompressed } from './uncompressed.ts'
import { withoutRepeats } from './verdicts.ts'

/** Small, so that the ring goes round within a run, commits are cut and, for some seeds, the buckets double. */
const journalSettings = ({ dice }: Scheduler, own: Partial<JournalSettings> = {}): JournalSettings => ({
  ring: dice.pick([4, 8]),
  buckets: dice.pick([1, 2]),
  commitBytesMax: 1_800,
  bucketBytesMax: dice.pick([1_200, 100_000]),
  bucketsMax: 64,
  ...own,
})

/** Steps after which a run that should come to an end is stuck. */
const STEPS_MAX = 60_000
/** Things that happen after the last record was produced, before the faults stop. */
const AFTERWARDS = 300

/** Sources, the stages that read from them on, and whatever the schedule does to them. */
export class World {
  readonly observer: Observer
  readonly #scheduler: Scheduler
  readonly #faults: Faults
  readonly #scene: Scene
  readonly #broker: MemoryBroker = memoryBroker()
  readonly #tables = memoryTableSink()
  readonly #journal = memoryJournalStore()
  readonly #settings: JournalSettings
  readonly #mappings: readonly Mapping[]
  /** Of the stages with state, where the code is mended. */
  readonly #operators = new Map<Mapping, Operator>()
  #isMended = false
  readonly #sources: Sources
  readonly #world: Surroundings
  readonly #topicFaults: TopicFaults
  /** The mapping whose turn it is; mostly the dice say. */
  #next: Mapping | undefined

  constructor(scheduler: Scheduler, faults: Faults, scene: Scene) {
    this.#scheduler = scheduler
    this.#faults = faults
    this.#scene = scene
    this.#settings = journalSettings(scheduler, scene.journal)
    const { stages } = scene.plan
    this.observer = new Observer({
      stages,
      ring: this.#settings.ring,
      bucketsAtFirst: this.#settings.buckets,
      rowsOf: (table) => this.#tables.rows(table),
      nowMs: () => scheduler.nowMs,
    })
    const world = this.#surroundings()
    this.#world = world
    this.#mappings = stages.map((stage) => new Mapping(stage, world))
    for (const mapping of this.#mappings)
      if (mapping.stage === scene.mended)
        this.#operators.set(mapping, new Operator(mapping, world, scene.plan.parkedTopic))
    this.#sources = new Sources(scene, this.#broker, this.observer, scheduler)
    this.#topicFaults = topicFaults(scene.plan, world)
  }

  #surroundings(): Surroundings {
    const { observer } = this
    return {
      scheduler: this.#scheduler,
      faults: this.#faults,
      observer,
      mapping: this.#scene.mapping ?? {},
      broker: this.#broker,
      throttled: new Map(),
      ports: {
        journal: observer.journal(this.#journal),
        topics: observer.topics(memoryTopicSink(this.#broker)),
        tables: observer.tables(this.#tables),
        rows: this.#tables,
        broker: this.#broker,
        clock: { nowMs: () => this.#scheduler.nowMs },
        log() {},
        journalSettings: this.#settings,
        compression: uncompressed,
      },
      mayMeetOtherCode: (stage) =>
        stage.stateful &&
        observer.logs.partitions(stage.source.name).every((_, n) => observer.commits.seqOf(laneOf(stage, n)) > 0),
    }
  }

  /** Faults while the sources grow and a while longer; then a drain without any. */
  async run(): Promise<void> {
    await this.#sources.open()
    for (const mapping of this.#mappings) await mapping.start()
    let extra = AFTERWARDS
    while (!this.#hasFailed() && (this.#sources.isLeft || extra-- > 0)) await this.#oneThing()
    this.#faults.calm()
    const { mended } = this.#scene
    if (mended?.stateful === true) this.#scene.mend?.(true)
    for (const { invocations } of this.#mappings) invocations.rollBack()
    if (this.observer.sourceMadeAnew) return this.#listenForAlarms()
    const problem = await drain(this.#scheduler, this.#mappings, this.#scene.ending, {
      failed: () => this.#hasFailed(),
      stuck: () => void this.observer.problems.push('an invocation never ends, though nothing is under way'),
      content: () => this.#content(),
      redrive: async (mapping) => {
        if (mapping.stage === mended) this.#scene.mend?.(true)
        return (await this.#operators.get(mapping)?.redriveAll()) ?? false
      },
      isOpen: () => this.#isOpen(),
    })
    if (problem !== undefined) this.observer.problems.push(problem)
  }

  #hasFailed(): boolean {
    const { problems } = this.observer
    if (this.#scheduler.trace.length > STEPS_MAX) problems.push(`stuck after ${STEPS_MAX} steps`)
    return problems.length > 0
  }

  /** A port call makes its way, or something new begins. */
  async #oneThing(): Promise<void> {
    const scheduler = this.#scheduler
    const { dice } = scheduler
    const next = this.#next
    this.#next = undefined
    if (next !== undefined) return next.poll()
    if (scheduler.awake > 0 && !dice.chance(0.12)) return scheduler.step()
    const mapping = dice.pick(this.#mappings)
    await mapping.changeOwner()
    mapping.invocations.reclaim()
    await mapping.resetGroup()
    const anew = await this.#topicFaults.strike()
    for (const each of this.#mappings) if (each.stage.source.name === anew) await each.replace()
    await this.#operate(mapping)
    if (this.#scene.forgets?.(mapping.stage)) await forgetSome(mapping, this.#world, this.#journal)
    if (dice.chance(0.25)) this.#sources.produce()
    if (dice.chance(0.1)) scheduler.nowMs += dice.between(500, 15_000)
    if (mapping.stage.stateful && dice.chance(0.15)) await this.#tick(mapping)
    else await mapping.poll()
  }

  /** The code is mended, and rolled back, now and then; an operator acts whichever it is. */
  async #operate(mapping: Mapping): Promise<void> {
    const operator = this.#operators.get(mapping)
    if (operator === undefined) return
    if (mapping.stage.stateful ? this.#scheduler.dice.chance(0.1) : await this.#isQuiet(mapping)) {
      this.#isMended = !this.#isMended
      this.#scheduler.note('code', this.#isMended ? 'is mended' : 'has its bug again')
      this.#scene.mend?.(this.#isMended)
    }
    if (mapping.stage.stateful || this.#isMended) await operator.act()
  }

  /** Nothing of it will ever be delivered again. */
  async #isQuiet(mapping: Mapping): Promise<boolean> {
    if (this.#isMended || this.#sources.isLeft || !(await mapping.isDrained())) return false
    mapping.isSettled = true
    return true
  }

  async #tick(mapping: Mapping): Promise<void> {
    const faults = this.#faults
    if (mapping.invocations.batches.length > 0 && !faults.strikes('tick-races-batch')) return
    if ((await mapping.hasLag()) && !faults.strikes('tick-during-lag')) return
    await mapping.control({ millrace: 'tick' })
    if (faults.strikes('tick-twice')) await mapping.control({ millrace: 'tick' })
    if (!faults.strikes('batch-races-tick')) return
    this.#scheduler.add('producer', 'on the heels of a tick', () => {
      this.#sources.produce(mapping.stage.source.name)
      this.#next = mapping
    })
  }

  /** Every stage that has state of the old topic must refuse to go on, at its next tick. */
  async #listenForAlarms(): Promise<void> {
    const { observer } = this
    const wait = async () => {
      while (this.#scheduler.waiting > 0 && !this.#hasFailed()) await this.#scheduler.step()
    }
    await wait()
    for (const mapping of this.#mappings) {
      const { id } = mapping.stage
      if (!this.#topicFaults.mustAlarm(mapping.stage)) continue
      observer.situations.delete(`alarm: ${id}`)
      await mapping.control({ millrace: 'tick' })
      await wait()
      if (!observer.situations.has(`alarm: ${id}`)) observer.problems.push(`${id} goes on over another topic`)
    }
  }

  /** What there is, repeats apart. */
  #content(): string {
    const rows = this.#scene.plan.tables.map(({ physicalName }) => this.#tables.rows(physicalName))
    return JSON.stringify([this.observer.outputs, rows])
  }

  async #isOpen(): Promise<boolean> {
    for (const stage of this.#scene.plan.stages)
      if (stage.stateful && (await openTimers(stage, this.#journal, this.#settings)) > 0) return true
    return false
  }

  async #appended(): Promise<Appended[]> {
    return everythingIn(this.#broker, this.#scene.plan.topics)
  }

  /** What is wrong in the end: in the journals, and with what has come out. */
  async judge(): Promise<string[]> {
    if (this.observer.sourceMadeAnew) return []
    const appended = await this.#appended()
    const problems: string[] = []
    for (const stage of this.#scene.plan.stages)
      if (stage.stateful)
        problems.push(
          ...(await bookProblems(stage, this.#journal, this.#settings, appended, (n) =>
            this.observer.skipped(stage, n),
          )),
        )
    return [...problems, ...(await this.#scene.judge(this.#outcome(appended)))]
  }

  #outcome(appended: readonly Appended[]): Outcome {
    const once = withoutRepeats(appended)
    return {
      topic: (name) => once.filter(({ topic }) => topic === name),
      everything: (name) => appended.filter(({ topic }) => topic === name),
      table: (name) => rowsOf(this.#tables.rows(name)),
      parked: () => parkedIn(once),
      moments: (stage: Stage, partition) => this.observer.moments(stage, partition),
      skipped: (stage: Stage, partition) => this.observer.skipped(stage, partition),
      givenUp: (stage: Stage, partition) => this.observer.givenUp(stage, partition),
      counts: (stage: Stage, partition) => this.observer.counts(stage, partition),
    }
  }
}
