import { PARKED_TOPIC } from '../../shared/processor/plan.ts'
import type { ParkedRecord } from '../../shared/runtime/parking.ts'
import type { Appended } from './topology.ts'

/** A parked record, with its value as text. */
export interface Parked
  extends Pick<ParkedRecord, 'kind' | 'processor' | 'generation' | 'topic' | 'partition' | 'offset' | 'reason'> {
  readonly text: string
}

export const parkedIn = (appended: readonly Appended[]): Parked[] =>
  appended
    .filter(({ topic }) => topic === PARKED_TOPIC)
    .map(({ value }) => {
      const parked = JSON.parse(value!) as ParkedRecord
      return { ...parked, text: Buffer.from(parked.value ?? '', 'base64').toString() }
    })
