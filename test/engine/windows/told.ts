import type { Emission } from '../../../shared/engine/windows/emission.ts'
import type { EmitMode, Window } from '../../../shared/engine/windows/window.ts'
import { type Event, machineOf, type Played, play } from './play.ts'

export const FINAL: Emission = { final: true, updates: undefined }
export const UPDATES: Emission = { final: false, updates: { everyMs: 0 } }
export const every = (everyMs: number): Emission => ({ final: false, updates: { everyMs } })
export const early = (everyMs: number): Emission => ({ final: true, updates: { everyMs } })

/** `5`: a record of key k at 5; `a5`: of key a. Its number is its place, from 1. */
export const parse = (text: string): Event[] =>
  text
    .split(' ')
    .filter((each) => each !== '')
    .map((each, i) => {
      const [, key, at] = /^([a-z]*)(\d+)$/.exec(each)!
      return { key: key || 'k', at: Number(at), n: i + 1 }
    })

/** Results as `key start..end numbers`, tombstones as `key start..end gone`; the key is left out where it is k. */
export function shown({ outputs }: Played): string[] {
  return outputs.map((each) => {
    const [, key, span, result] = /^(\S+) (\S+) (.*) @\d+$/.exec(each)!
    const numbers = result!.replace(/^.*values:\[([\d,]*)\].*$/, '$1')
    const marks = result!.includes('final:false') ? ' early' : ''
    return `${key === 'k' ? '' : `${key} `}${span} ${numbers}${marks}`
  })
}
export const played = (window: Window<EmitMode>, emission: Emission, records: string, close = true) =>
  play(machineOf(window, emission, true), parse(records), ['cold'], { close })
export const run = (window: Window<EmitMode>, emission: Emission, records: string, close = true) =>
  shown(played(window, emission, records, close))
