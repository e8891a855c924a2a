import type { Attempt } from '../journal/commit.ts'
import type { Stage } from '../processor/plan-types.ts'
import { COMMIT_BYTES_AIM } from './commit-aim.ts'
import type { Deadline } from './deadline.ts'
import { unread } from './decode.ts'
import type { KafkaEventRecord } from './kafka-event.ts'
import type { Owner } from './owner.ts'
import type { Owners } from './owners.ts'
import type { Ports } from './ports.ts'
import { checksum } from './source-check.ts'

/** A record is parked unread after this many noted attempts on it alone that were not survived. */
const ATTEMPTS_MAX = 2

/**
 * A record that kills the function (time-out, memory) would block its partition for ever. When nothing has succeeded for
 * two time-outs although records waited, the attempt is noted first; who finds such a note goes on record by record, with
 * a note on the first alone, and parks it when that was not survived either. Partitions with a note go one by one, after
 * the others, and each writes its note when its turn has come: none is blamed for what another one did.
 */
export async function beCautious(
  stage: Stage,
  ports: Ports,
  owners: Owners,
  owner: Owner,
  records: readonly KafkaEventRecord[],
  deadline: Deadline,
): Promise<'one by one' | undefined> {
  let alone = false
  for (let conflicts = 0; ; ) {
    const first = records.find((record) => record.offset > owner.fold.position.offset)
    if (first === undefined) return undefined
    const noted = owner.head?.attempting?.first === first.offset
    const next = nextAttempt(stage, ports, owner, first.offset, records, owners.survived(owner))
    if (next === undefined) return undefined
    if (!alone) {
      alone = true
      await owners.turns.alone()
      // The others have used up the time: nothing will be tried, so nothing is to be noted.
      if (deadline.reached) return undefined
    }
    const outcome =
      next === 'park' ? await park(stage, owner, first) : await owner.commit('batch', { attempting: next })
    if (outcome !== 'written') await owner.takeInOthers(++conflicts)
    else if (next !== 'park') return noted && next.first === next.last ? 'one by one' : undefined
    else
      ports.log('error', {
        what: 'record killed the function',
        stage: stage.id,
        partition: owner.partition,
        offset: first.offset,
      })
  }
}

/** What to note before the records from offset `first` on are tried; undefined: nothing. */
function nextAttempt(
  stage: Stage,
  ports: Ports,
  { head }: Owner,
  first: number,
  records: readonly KafkaEventRecord[],
  survived: number | undefined,
): Attempt | 'park' | undefined {
  const note = head?.attempting
  if (note?.first !== first) {
    const longAgoMs = ports.clock.nowMs() - 2 * stage.deployment.timeoutMs
    const waitsLong = records.some(({ offset, timestamp }) => offset === first && timestamp <= longAgoMs)
    // A partition that has never succeeded has no commit: its very first record may be the one.
    if (!waitsLong || (head !== undefined && head.atMs > longAgoMs)) return undefined
    return { first, last: records[records.length - 1]!.offset, attempts: 1 }
  }
  // Something else has failed then, such as the database.
  if (survived === first) return note
  const alone = note.last === first
  if (alone && note.attempts >= ATTEMPTS_MAX) return 'park'
  return { first, last: first, attempts: alone ? note.attempts + 1 : 1 }
}

function park(stage: Stage, owner: Owner, record: KafkaEventRecord): ReturnType<Owner['commit']> {
  owner.fold.take(unread(stage, record, 'KILLED_FUNCTION'), COMMIT_BYTES_AIM)
  return owner.commit('batch', { lastRecord: checksum(record) })
}
