import { memoryBroker } from '../../../shared/broker/memory.ts'
import type { JournalSettings } from '../../../shared/journal/journal.ts'
import { memoryJournalStore } from '../../../shared/journal/memory.ts'
import { plan } from '../../../shared/processor/plan.ts'
import type { Ports } from '../../../shared/runtime/ports.ts'
import { memoryTopicSink } from '../../../shared/sinks/memory.ts'
import { memoryTableSink } from '../../../shared/sinks/memory-table.ts'
import { bookProblems } from './books.ts'
import { everythingIn, rowsOf } from './contents.ts'
import { drain } from './drain.ts'
import type { Surroundings } from './environment.ts'
import { mixedFaults, noFaults } from './faults.ts'
import { type NewestCommits, observedJournal, observedTopics } from './observed.ts'
import type { Scheduler } from './scheduler.ts'
import { StageRunner } from './stage-runner.ts'
import type { Appended, Outcome, Topology } from './topology.ts'
import { withoutRepeats } from './verdicts.ts'

/** Small, so that the ring goes round within a run, commits are cut and, for some seeds, the buckets double. */
const journalSettings = (scheduler: Scheduler): JournalSettings => ({
  ring: scheduler.pick([4, 8]),
  buckets: scheduler.pick([1, 2]),
  commitBytesMax: 1_250,
  bucketBytesMax: scheduler.pick([600, 100_000]),
  bucketsMax: 64,
})

/** Steps after which a run that should come to an end is stuck. */
const STEPS_MAX = 60_000

/** A change of the ports that the runtime must not survive unnoticed. */
export type PortsChange = (ports: Ports, scheduler: Scheduler) => Ports

/** A source, the stages that read from it on, and whatever the schedule does to them. */
export class World {
  readonly problems: string[] = []
  readonly #scheduler: Scheduler
  readonly #topology: Topology
  readonly #broker = memoryBroker()
  readonly #tables = memoryTableSink()
  readonly #journal = memoryJournalStore()
  readonly #settings: JournalSettings
  readonly #stages: StageRunner[]
  readonly #topics: readonly { name: string; partitions: number }[]
  #produced: number[] = []
  #faults = noFaults

  constructor(scheduler: Scheduler, topology: Topology, count: (situation: string) => void, change: PortsChange) {
    this.#scheduler = scheduler
    this.#topology = topology
    const { stages, topics } = plan(topology.processors)
    this.#settings = journalSettings(scheduler)
    const newestCommits: NewestCommits = new Map()
    const ports: Ports = {
      journal: observedJournal(this.#journal, this.#settings, newestCommits, count),
      topics: observedTopics(memoryTopicSink(this.#broker), newestCommits, count),
      tables: this.#tables,
      broker: this.#broker,
      clock: { nowMs: () => scheduler.nowMs },
      log: (_, { what }) => count(`logged: ${what}`),
      journalSettings: this.#settings,
    }
    const surroundings: Surroundings = {
      scheduler,
      faults: () => this.#faults,
      ports: change(ports, scheduler),
      broker: this.#broker,
      count,
    }
    this.#stages = stages.map((stage) => new StageRunner(stage, surroundings))
    this.#topics = topics
  }

  /** Faults while the source grows and a while longer; then a drain without any. */
  async run(): Promise<void> {
    for (const topic of this.#topics) await this.#broker.ensureTopic(topic)
    this.#produced = this.#topology.input.map(() => 0)
    this.#faults = mixedFaults(this.#scheduler)
    let extra = 300
    while (this.#problemsSoFar().length === 0 && (this.#leftToProduce() || extra-- > 0)) await this.#oneThing()
    this.#faults = noFaults
    const problem = await drain(this.#scheduler, this.#stages, {
      failed: () => this.#problemsSoFar().length > 0,
      content: () => this.#content(),
    })
    if (problem !== undefined) this.problems.push(problem)
  }

  #problemsSoFar(): string[] {
    if (this.#scheduler.trace.length > STEPS_MAX) this.problems.push(`stuck after ${STEPS_MAX} steps`)
    this.problems.push(...this.#stages.flatMap(({ failures }) => failures.splice(0)))
    return this.problems
  }

  #leftToProduce(): boolean {
    return this.#topology.input.some((records, partition) => this.#produced[partition]! < records.length)
  }

  /** A port call makes its way, or something new begins. */
  async #oneThing(): Promise<void> {
    const scheduler = this.#scheduler
    if (scheduler.awake > 0 && !scheduler.chance(0.12)) return scheduler.step()
    const stage = scheduler.pick(this.#stages)
    const faults = this.#faults
    if (scheduler.chance(faults.abandoned)) stage.abandon()
    if (scheduler.chance(faults.reclaimed)) stage.reclaim()
    if (scheduler.chance(faults.rewound)) await stage.rewind()
    if (scheduler.chance(0.25)) this.#produce()
    if (scheduler.chance(0.1)) scheduler.nowMs += scheduler.between(500, 15_000)
    if (stage.stage.stateful && scheduler.chance(0.15)) {
      await stage.control('tick')
      if (scheduler.chance(0.5)) await stage.control('tick')
    } else await stage.invokeBatch()
  }

  #produce(): void {
    const partition = this.#scheduler.between(0, this.#produced.length - 1)
    const from = this.#produced[partition]!
    const records = this.#topology.input[partition]!.slice(from, from + this.#scheduler.between(1, 4))
    this.#produced[partition] = from + records.length
    const appended = records.map(({ key, value, timestampMs }) => ({
      key: Buffer.from(key),
      value: Buffer.from(value),
      timestampMs,
      timestampType: 'CREATE_TIME' as const,
      headers: [],
    }))
    this.#broker.append(this.#topology.source, partition, appended)
  }

  /** What there is, repeats apart. */
  async #content(): Promise<string> {
    const rows = this.#tableNames().map((name) => this.#tables.rows(name))
    return JSON.stringify([withoutRepeats(await this.appended()).length, rows])
  }

  #tableNames(): string[] {
    return this.#stages.flatMap(({ stage }) => stage.writesTables.map(({ physicalName }) => physicalName))
  }

  /** Every record of every topic, partition by partition. */
  appended(): Promise<Appended[]> {
    return everythingIn(this.#broker, this.#topics)
  }

  /** What is wrong in the journals in the end. */
  async bookProblems(appended: readonly Appended[]): Promise<string[]> {
    const stages = this.#stages.map(({ stage }) => stage).filter(({ stateful }) => stateful)
    const books = stages.map((stage) => bookProblems(stage, this.#journal, this.#settings, appended))
    return (await Promise.all(books)).flat()
  }

  outcome(appended: readonly Appended[]): Outcome {
    return {
      topic: (name) => appended.filter(({ topic }) => topic === name),
      table: (name) => rowsOf(this.#tables.rows(name)),
    }
  }
}
