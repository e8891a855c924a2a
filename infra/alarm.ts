import { type MetricSpec, ofStage } from './metrics.ts'

/** An alarm as plain values. It goes off when `breaches` of the last `minutes` values are above the limit. */
export interface AlarmSpec {
  readonly id: string
  /** What it means and what to do, for the person who is woken. */
  readonly says: string
  readonly value: MetricSpec | Formula
  /** Alarm above this. */
  readonly above: number
  readonly minutes: number
  readonly breaches: number
  /** No data at all counts as a breach. Default: it counts as fine. */
  readonly silenceIsBad?: true
}

/** CloudWatch metric math over named metrics. */
export interface Formula {
  readonly formula: string
  readonly over: Readonly<Record<string, MetricSpec>>
}

type Breach = Pick<AlarmSpec, 'above' | 'minutes' | 'breaches'>

/** A count as per cent of the records read, 0 while fewer than `min`. */
export function share(name: 'RecordsParked' | 'RecordsLate', min: number): Formula {
  return {
    formula: `IF(part >= ${min}, 100 * part / read, 0)`,
    over: { part: ofStage(name), read: ofStage('RecordsRead') },
  }
}

/** Above it in a single minute. */
export function once(above: number): Breach {
  return { above, minutes: 1, breaches: 1 }
}

/** Above it in `breaches` of five minutes. */
export function overFive(above: number, breaches: number): Breach {
  return { above, minutes: 5, breaches }
}

/** Above it for that many minutes on end. */
export function always(above: number, minutes: number): Breach {
  return { above, minutes, breaches: minutes }
}
