import type { ParkedRecord } from '../../../shared/runtime/parking.ts'
import type { Outcome } from './topology.ts'

/** A parked record, with its value as text. */
export interface Parked extends Pick<ParkedRecord, 'kind' | 'processor' | 'topic' | 'partition' | 'offset' | 'reason'> {
  readonly text: string
}

export function parkedIn(outcome: Outcome): Parked[] {
  return outcome.topic('millrace-parked').map(({ value }) => {
    const parked = JSON.parse(value!) as ParkedRecord
    return { ...parked, text: Buffer.from(parked.value ?? '', 'base64').toString() }
  })
}
