import type { BrokerRecord } from '../../shared/broker/broker.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import type { Surroundings } from './surroundings.ts'

const EVERYTHING = { maxRecords: 1_000_000, maxBytes: 1_000_000_000 }

/** The consumer group of a stage: how far its mapping has come. */
export class Group {
  readonly #stage: Stage
  readonly #world: Pick<Surroundings, 'broker' | 'observer'>

  constructor(stage: Stage, world: Pick<Surroundings, 'broker' | 'observer'>) {
    this.#stage = stage
    this.#world = world
  }

  /** By partition; 0 before the first commit. */
  async offsets(): Promise<number[]> {
    const found = await this.#world.broker.committed(this.#stage.group, this.#stage.source.name)
    return found.map((each) => each?.offset ?? 0)
  }

  async commit(offsets: ReadonlyMap<number, number>): Promise<void> {
    const commits = [...offsets].map(([partition, offset]) => ({ partition, offset, metadata: '' }))
    await this.#world.broker.commit(this.#stage.group, this.#stage.source.name, commits)
  }

  /** What is left to read, by partition. */
  async waiting(): Promise<BrokerRecord[][]> {
    const from = await this.offsets()
    return Promise.all(
      from.map((offset, partition) => this.#world.broker.fetch(this.#stage.source.name, partition, offset, EVERYTHING)),
    )
  }
}
