import type { Stage } from '../shared/processor/plan-types.ts'
import { type AlarmSpec, always, once, overFive, share } from './alarm.ts'
import { fates, ofFunction, ofMapping, ofStage, ofTable } from './metrics.ts'

/** The limits in one place. */
export const limits = {
  /** Lag in batches of the largest size. */
  lagBatches: 10,
  parkedPercent: 1,
  /** Fewer than this in a minute are single bad records, whatever their share. */
  parkedRecordsMin: 10,
  latePercent: 5,
  durationPercentOfTimeout: 80,
} as const

/** The alarms of a stage: the same for every processor, so that a new one is watched from its first record. */
export function alarmsOf(stage: Stage): readonly AlarmSpec[] {
  return [...failing(stage), ...behind(stage), ...losing, ...holding(stage), ...(stage.stateful ? timeStopped : [])]
}

/** The alarms of the journal, which all stateful stages share. */
export const journalAlarms: readonly AlarmSpec[] = [
  {
    id: 'write-throttles',
    says: 'DynamoDB refuses commits for now: batches are retried. A new table takes 4,000 writes a second at first.',
    value: ofTable('WriteThrottleEvents'),
    ...overFive(0, 3),
  },
  {
    id: 'read-throttles',
    says: 'DynamoDB refuses reads of state for now: cold functions are retried.',
    value: ofTable('ReadThrottleEvents'),
    ...overFive(0, 3),
  },
]

const failing = ({ deployment }: Stage): AlarmSpec[] => [
  {
    id: 'errors',
    says: 'Invocations fail again and again. Batches are retried for ever, so nothing is lost while the topic retains it; the log names the error.',
    value: ofFunction('Errors'),
    ...overFive(0, 3),
  },
  {
    id: 'throttles',
    says: 'Lambda refuses invocations: the account or the function has no concurrency left.',
    value: ofFunction('Throttles'),
    ...overFive(0, 5),
  },
  {
    id: 'slow',
    says: `Invocations take over ${limits.durationPercentOfTimeout} % of the time-out. Give the function more memory or smaller batches.`,
    value: ofFunction('Duration', 'Maximum'),
    ...overFive((deployment.timeoutMs * limits.durationPercentOfTimeout) / 100, 3),
  },
  {
    id: 'polling-errors',
    says: 'The mapping cannot read the topic: look at its StateTransitionReason, the security groups, the role.',
    value: ofMapping('PollingErrorCount'),
    ...overFive(0, 3),
  },
  {
    id: 'commit-errors',
    says: 'The mapping cannot commit its offsets: batches will come again, and are dropped as repeats.',
    value: ofMapping('CommitErrorCount'),
    ...overFive(0, 3),
  },
]

const behind = ({ deployment }: Stage): AlarmSpec[] => [
  {
    id: 'lag',
    says: `Over ${limits.lagBatches} full batches wait in one partition: more partitions, memory or pollers are needed.`,
    value: ofMapping('MaxOffsetLag', 'Maximum'),
    ...always(deployment.batchRecordsMax * limits.lagBatches, 15),
  },
  {
    id: 'not-catching-up',
    says: 'What waits has not become less for a quarter of an hour: a batch fails on every attempt and blocks its partitions, or the stage is too slow.',
    value: { formula: 'IF(lag > 0 AND DIFF(lag) >= 0, 1, 0)', over: { lag: ofMapping('MaxOffsetLag', 'Maximum') } },
    ...always(0, 15),
  },
]

const losing: readonly AlarmSpec[] = [
  {
    id: 'unaccounted',
    says: 'Records were read that were neither counted, filtered, late, parked nor dropped as repeats: a bug. Keep the topic.',
    value: {
      formula: `ABS(read - (${Object.keys(fates).join(' + ')}))`,
      over: { read: ofStage('RecordsRead'), ...fates },
    },
    ...once(0),
  },
  {
    id: 'parked',
    says: `Over ${limits.parkedPercent} % of a minute's records were parked. That many are a bug in code or schema: fix it, then redrive.`,
    value: share('RecordsParked', limits.parkedRecordsMin),
    ...once(limits.parkedPercent),
  },
  {
    id: 'late',
    says: `Over ${limits.latePercent} % of the records come too late for their window: raise the grace period.`,
    value: share('RecordsLate', 1),
    ...overFive(limits.latePercent, 5),
  },
  {
    id: 'gap',
    says: 'Offsets are missing: the topic dropped records before they were read.',
    value: ofStage('OffsetGap'),
    ...once(0),
  },
  {
    id: 'source-changed',
    says: 'The source topic was made anew or grew. The stage has stopped; raise the generation or bring the old topic back.',
    value: ofStage('SourceChanged'),
    ...once(0),
  },
  {
    id: 'foreign-rows',
    says: 'Rows of a table were refused, since another partition wrote them first: records of one key are in several partitions.',
    value: ofStage('ForeignRows'),
    ...once(0),
  },
  {
    id: 'holes-full',
    says: 'A partition has parked as many records as it can, or holds back as many of one key, and has stopped. The log says which: mend the code or the schema, then redrive or discard the key, or raise the generation.',
    value: ofStage('HolesFull'),
    ...once(0),
  },
  {
    id: 'dropped',
    says: 'The mapping gave up on records. Millrace never configures that: somebody changed the mapping.',
    value: ofMapping('DroppedEventCount'),
    ...once(0),
  },
]

/** Parking must not hide an outage: what is held back waits for a person. */
const holding = ({ holdsKeys }: Stage): AlarmSpec[] =>
  holdsKeys
    ? [
        {
          id: 'keys-held',
          says: 'Records have waited behind a parked one of their key for a quarter of an hour. Mend the cause, then redrive or discard it: npm run ops -- parked list.',
          value: ofStage('HeldRecords', 'Maximum'),
          ...always(0, 15),
        },
      ]
    : []

const timeStopped: readonly AlarmSpec[] = [
  {
    id: 'tick-held',
    says: 'The tick has held time still for a quarter of an hour: windows of silent partitions do not close.',
    value: ofStage('TickHold'),
    ...always(0, 15),
  },
  {
    id: 'tick-missing',
    says: 'The function was not invoked at all. It is ticked every minute: the schedule is broken or disabled.',
    value: { formula: 'IF(invocations < 1, 1, 0)', over: { invocations: ofFunction('Invocations') } },
    silenceIsBad: true,
    ...always(0, 5),
  },
]
