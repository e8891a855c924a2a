import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { MillraceError } from '../../shared/errors.ts'
import type { Stage } from '../../shared/processor/plan-types.ts'
import { readJson } from '../log/read-json.ts'
import { replaceFile } from '../log/replace-file.ts'

/** The stages that an operator has told to wait: a file in the data directory, which a run looks at before each batch. */
export class Pauses {
  readonly #file: string
  constructor(directory: string) {
    this.#file = join(directory, 'paused.json')
  }

  has(stage: string): boolean {
    return this.#read().includes(stage)
  }

  set(stage: string, paused: boolean): void {
    const others = this.#read().filter((each) => each !== stage)
    replaceFile(this.#file, JSON.stringify(paused ? [...others, stage] : others))
  }

  #read(): readonly string[] {
    return existsSync(this.#file) ? readJson<string[]>(this.#file) : []
  }
}

/** @throws MillraceError `PAUSED` (retriable) for a batch of a stage that waits; ticks go on, and lag holds their time */
export function refuseWhilePaused(directory: string | undefined, { id }: Stage, event: object): void {
  if (directory === undefined || !('records' in event)) return
  if (new Pauses(directory).has(id)) throw new MillraceError('PAUSED', { stage: id, directory })
}
