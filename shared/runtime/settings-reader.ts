import type { PinnedSettings } from '../engine/machine.ts'
import { MillraceError } from '../errors.ts'
import type { Stage } from '../processor/plan-types.ts'
import type { SettingsRow } from '../processor/settings.ts'
import type { Ports } from './ports.ts'

/** An invocation may use settings that were read so long ago; a change is everywhere in force after that. */
export const SETTINGS_AGE_MAX_MS = 10_000

/** The settings of a stage, read from their table now and then. Versions never go back within one environment. */
export class SettingsReader {
  readonly #stage: Stage
  readonly #ports: Ports
  #read: { readonly atMs: number; readonly settings: PinnedSettings | undefined } | undefined

  constructor(stage: Stage, ports: Ports) {
    this.#stage = stage
    this.#ports = ports
  }

  /**
   * What a batch that begins now pins; undefined while none were ever given.
   * @throws MillraceError `SETTINGS_INVALID` for a document that this code cannot use, `SINK_UNREACHABLE`, `SINK_REFUSED`
   */
  async pinned(): Promise<PinnedSettings | undefined> {
    const spec = this.#stage.program.settings
    if (spec === undefined) return undefined
    const nowMs = this.#ports.clock.nowMs()
    const age = this.#read === undefined ? Number.POSITIVE_INFINITY : nowMs - this.#read.atMs
    if (age >= 0 && age < SETTINGS_AGE_MAX_MS) return this.#read!.settings
    const text = await this.#rows().read(spec.table.physicalName, spec.name)
    const settings = text === undefined ? this.#withoutRow() : this.#newer(JSON.parse(text) as SettingsRow)
    if (settings !== this.#read?.settings && settings !== undefined) spec.check(settings.value)
    this.#read = { atMs: nowMs, settings }
    return settings
  }

  /** The object in hand, when it is as new: what hangs on its identity stays valid. */
  #newer({ version, document }: SettingsRow): PinnedSettings {
    const held = this.#read?.settings
    return held !== undefined && held.version >= version ? held : { version, value: document }
  }

  /** A row never goes by itself: what is known stays in force until there is one again. */
  #withoutRow(): PinnedSettings | undefined {
    const held = this.#read?.settings
    if (held !== undefined)
      this.#ports.log('error', { what: 'settings row missing', stage: this.#stage.id, version: held.version })
    return held
  }

  #rows() {
    if (this.#ports.rows === undefined)
      throw new MillraceError('SETTING_MISSING', {
        name: 'rows',
        fix: 'A stage with settings needs a port that reads rows.',
      })
    return this.#ports.rows
  }
}
