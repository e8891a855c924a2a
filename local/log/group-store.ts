import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { CommittedOffset } from '../../shared/broker/broker.ts'
import { readJson } from './read-json.ts'
import { replaceFile } from './replace-file.ts'

type Stored = Record<string, Record<string, readonly [offset: number, metadata: string]>>

const SUFFIX = '.json'

/** What consumer groups have committed: a small file for each group, replaced as a whole. */
export class GroupStore {
  readonly #directory: string
  readonly #groups = new Map<string, Stored>()

  constructor(directory: string) {
    this.#directory = directory
    mkdirSync(directory, { recursive: true })
  }

  committed(group: string, topic: string, partitions: number): (CommittedOffset | undefined)[] {
    const stored = this.#load(group)[topic] ?? {}
    return Array.from({ length: partitions }, (_, partition) => {
      const found = stored[partition]
      return found && { partition, offset: found[0], metadata: found[1] }
    })
  }

  commit(group: string, topic: string, offsets: readonly CommittedOffset[]): void {
    const stored = this.#load(group)
    const added = Object.fromEntries(offsets.map((o) => [o.partition, [o.offset, o.metadata] as const]))
    const next = { ...stored, [topic]: { ...stored[topic], ...added } }
    this.#save(group, next)
  }

  names(): string[] {
    return readdirSync(this.#directory)
      .filter((file) => file.endsWith(SUFFIX))
      .map((file) => decodeURIComponent(file.slice(0, -SUFFIX.length)))
  }

  delete(group: string): void {
    rmSync(this.#file(group), { force: true })
    this.#groups.delete(group)
  }

  /** Drops what all groups have committed on a topic, as a broker does when it is deleted. */
  forget(topic: string): void {
    for (const file of readdirSync(this.#directory)) {
      const group = decodeURIComponent(file.slice(0, -SUFFIX.length))
      const { [topic]: dropped, ...rest } = this.#load(group)
      if (dropped) this.#save(group, rest)
    }
  }

  #save(group: string, stored: Stored): void {
    replaceFile(this.#file(group), JSON.stringify(stored))
    this.#groups.set(group, stored)
  }

  #load(group: string): Stored {
    const loaded = this.#groups.get(group)
    if (loaded) return loaded
    const file = this.#file(group)
    const stored = existsSync(file) ? readJson<Stored>(file) : {}
    this.#groups.set(group, stored)
    return stored
  }

  // A group's name may hold "/", a file's may not.
  #file(group: string): string {
    return join(this.#directory, `${encodeURIComponent(group)}${SUFFIX}`)
  }
}
