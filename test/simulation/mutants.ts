import { MillraceError } from '../../shared/errors.ts'

/** A place in the code, and what stands there instead. */
export interface Edit {
  readonly file: string
  /** Occurs exactly once. */
  readonly from: string
  readonly to: string
}

/** One rule of the design, broken. The simulator must notice, or it proves nothing about that rule. */
export interface Mutant {
  readonly name: string
  readonly edits: readonly Edit[]
  /** The topology that is about the rule. */
  readonly topology: string
}

/** @throws MillraceError when the code has changed so that an edit finds its place no more */
export function edited(source: string, edits: readonly Edit[]): string {
  let text = source
  for (const { file, from, to } of edits) {
    if (text.split(from).length !== 2)
      throw new MillraceError('USAGE', {
        problem: `A mutant of ${file} looks for ${JSON.stringify(from)}, which is not there once.`,
        fix: 'Write the mutant anew, so that it breaks the same rule.',
      })
    text = text.replace(from, () => to)
  }
  return text
}

const mutant = (
  name: string,
  topology: string,
  ...edits: readonly (readonly [file: string, from: string, to: string])[]
): Mutant => ({
  name,
  topology,
  edits: edits.map(([file, from, to]) => ({ file, from, to })),
})

export const mutants: readonly Mutant[] = [
  mutant('a redrive does not fill its hole', 'mended', [
    'shared/engine/fold.ts',
    'counts.parked--\n    this.#fill(record.offset)',
    'counts.parked--',
  ]),
  mutant('a redrive does not ask for its hole', 'mended', [
    'shared/engine/fold.ts',
    "if (!this.#holes.has(record.offset)) return { outcome: 'not parked' }\n    if (record.kind === 'bad')",
    "if (record.kind === 'bad')",
  ]),
  mutant('what is given up keeps its hole', 'mended', [
    'shared/engine/fold.ts',
    'this.state.beginEvent()\n    this.#fill(offset)',
    'this.state.beginEvent()',
  ]),
  mutant('a redrive that lost a race is taken for done', 'mended', [
    'shared/runtime/pieces.ts',
    "if (outcome === 'written') {",
    "if (outcome !== 'too-large') {",
  ]),
  mutant('a held key lets later records pass', 'held', [
    'shared/engine/fold.ts',
    'this.position.counts.read++\n    const failure = this.#heldBefore(record.address, record.offset) ?? this.#handOver(record)',
    'this.position.counts.read++\n    const failure = this.#handOver(record)',
  ]),
  mutant('a redrive does not ask what of its key is parked before', 'held', [
    'shared/engine/fold.ts',
    'this.position.streamTimeMs = record.timeMs\n      const failure = this.#heldBefore(record.address, record.offset) ?? this.#handOver(record)',
    'this.position.streamTimeMs = record.timeMs\n      const failure = this.#handOver(record)',
  ]),
  mutant('a record that cannot be read holds no key', 'held', [
    'shared/runtime/decode.ts',
    'return stage.holdsKeys ? addressByKey(source.key, record) : undefined',
    'return undefined',
  ]),
  mutant('a record that is skipped unread holds no key', 'held', [
    'shared/runtime/decode.ts',
    'const address = stage.holdsKeys ? addressByKey(stage.program.source.key, record) : undefined',
    'const address = undefined',
  ]),
  mutant('a record redriven without state takes its old place in the lane', 'mended', [
    'shared/runtime/stateless.ts',
    'const lane = `redrive/$' + '{stage.id}/$' + '{partition}/$' + '{offset}>$' + '{laneOf(stage, partition)}`',
    'const lane = laneOf(stage, partition)',
  ]),
  mutant('a key is forgotten in the ring, and not in the state', 'windows', [
    'shared/runtime/forget.ts',
    'cells += owner.fold.forget(key, most - cells)',
    'cells += 0 * key.length',
  ]),
  mutant('deletions are erased with what they delete', 'windows', [
    'shared/journal/erase.ts',
    '!keys.has(key) || (text === undefined && same !== true)',
    '!keys.has(key) || (text === undefined && same === true)',
  ]),
  mutant('a commit is written without the fence', 'windows', [
    'shared/journal/journal.ts',
    'seq <= ring ? { ifAbsent: true, ifSeq: seq - ring } : { ifSeq: seq - ring }',
    '{ ifAbsent: true, ifSeqBelow: Number.MAX_SAFE_INTEGER }',
  ]),
  mutant('a refused commit is taken for a written one', 'windows', [
    'shared/journal/journal.ts',
    "if (outcome === 'written') {\n      this.seq = seq\n      this.last = { head, outbox: content.outbox }\n    }\n    return outcome",
    "this.seq = seq\n    this.last = { head, outbox: content.outbox }\n    return outcome && 'written'",
  ]),
  mutant('nobody reads forward', 'windows', [
    'shared/journal/journal.ts',
    "if ((await this.#readOn(state, this.seq)) === 'again') return 'fell-off'",
    '',
  ]),
  mutant('the next commit comes before the outputs of the one before it', 'windows', [
    'shared/runtime/owner.ts',
    'await this.publishLast()\n    await this.#journal.maintain',
    'this.publishLast().catch(() => undefined)\n    await this.#journal.maintain',
  ]),
  mutant('two chunks are in flight to one partition', 'pipeline', [
    'shared/runtime/publish.ts',
    '[...records.values()].map((each) => ports.topics.append(each.topic, each.partition, each.records))',
    '[...records.values()].flatMap((each) => each.records.map((one) => ports.topics.append(each.topic, each.partition, [one])))',
  ]),
  mutant('a cache is kept on an error', 'mended', ['shared/runtime/owners.ts', 'this.#kept.delete(partition)', '']),
  mutant('a lost commit is not undone', 'windows', [
    'shared/runtime/owner.ts',
    'fold.undo()\n      return outcome',
    'fold.confirm()\n      return outcome',
  ]),
  mutant('the marker of the tick is moved early', 'pipeline', [
    'shared/runtime/tick-visit.ts',
    'publishedSeq: owner.seq,',
    'publishedSeq: owner.seq + 4,',
  ]),
  // Caches are dropped when publishing fails, so this rule is needed only where one survives that.
  mutant(
    'a batch proves a cache though the last commit did not move the offset',
    'windows',
    ['shared/runtime/owner.ts', 'this.head?.moved === true && ', 'this.head !== undefined && '],
    [
      'shared/runtime/stateful.ts',
      'owner.fold.undo()\n      reports.push(reportOf(owner, before))\n      throw error',
      'if (owner.fold.hasChanged) owner.fold.undo()\n      else owners.keep(owner)\n      reports.push(reportOf(owner, before))\n      throw error',
    ],
    [
      'shared/runtime/tick-visit.ts',
      "if ((await advance(owner, 'tick', () => Math.max(byLanes(), bySilence), deadline)) === 'lost') return undefined",
      `const kept = (error: unknown) => {
    if (!owner.fold.hasChanged) owners.keep(owner)
    throw error
  }
  if ((await advance(owner, 'tick', () => Math.max(byLanes(), bySilence), deadline).catch(kept)) === 'lost') return undefined`,
    ],
  ),
  mutant('a tick is taken as proof of what the cache holds', 'windows', [
    'shared/runtime/owners.ts',
    'if (firstOffset !== undefined && kept.isProvenBy(firstOffset)) return kept',
    'if (firstOffset === undefined || kept.isProvenBy(firstOffset)) return kept',
  ]),
  mutant('the guard of the buckets is off', 'windows', [
    'shared/journal/journal.ts',
    'while (this.#bucketSeqs[this.#stalest()]! < this.seq + 1 - this.#geometry.ring)',
    'while (this.#bucketSeqs[this.#stalest()]! < 0)',
  ]),
  mutant('a bucket is put over a newer one', 'patterns', [
    'shared/journal/journal.ts',
    'ifAbsent: true, ifSeqBelow: item.seq',
    'ifAbsent: true, ifSeqBelow: Number.MAX_SAFE_INTEGER',
  ]),
  mutant('buckets double without the new ones being written', 'rekey', [
    'shared/journal/journal.ts',
    'for (const { item } of encoded) await this.#putBucket(item)',
    '',
  ]),
  mutant('commits are cut by records only', 'windows', [
    'shared/engine/fold.ts',
    'if (this.bytes >= bytesMax) return false\n      const due',
    'const due',
  ]),
  mutant('a commit that is cut begins with the next record', 'windows', [
    'shared/engine/fold.ts',
    "} else if (record.kind === 'value') {\n      if (!this.advanceTo(this.#timeAt(record.timeLane, record.timeMs), bytesMax)) return false",
    "} else if (record.kind === 'value') {\n      if (!this.advanceTo(this.#timeAt(record.timeLane, record.timeMs), bytesMax)) {\n        this.position.offset = record.offset\n        return false\n      }",
  ]),
  mutant(
    'the target partition is not pinned',
    'windows',
    [
      'shared/runtime/publish.ts',
      '} of publications) {',
      '} of publications) {\n    const grown = entry.key === null ? undefined : await ports.broker.describe(entry.target)',
    ],
    [
      'shared/runtime/publish.ts',
      'recordsOf(records, entry.target, entry.partition)',
      'recordsOf(records, entry.target, grown ? partitionFor(entry.key!, grown.partitions) : entry.partition)',
    ],
  ),
  mutant('a stage without state mints identities on our own topics', 'chain', [
    'shared/runtime/stateless.ts',
    'identity === undefined ? { lane, sequence: [record.offset, index] } : extendIdentity(identity, lane, index)',
    '{ lane, sequence: [record.offset, index] }',
  ]),
  mutant('a lane does not name its path', 'pipeline', [
    'shared/runtime/identity.ts',
    'lane: `$' + '{read.lane}>$' + '{lane}`,',
    'lane,',
  ]),
  mutant('stream time stands outside the commit', 'windows', [
    'shared/runtime/owner.ts',
    'streamTimeMs: head.streamTimeMs, counts: {',
    'streamTimeMs: this.fold?.position.streamTimeMs ?? -1, counts: {',
  ]),
  mutant('repeats are not dropped downstream', 'pipeline', [
    'shared/engine/lanes.ts',
    'return cell !== undefined && compareSequences',
    'return cell !== undefined && false && compareSequences',
  ]),
  mutant(
    'parked records go out beside the outbox',
    'windows',
    [
      'shared/runtime/owner.ts',
      'outbox: addressOutputs(this.#stage, fold.outputs),',
      'outbox: entries.filter(({ target }) => target !== "millrace-parked"),',
    ],
    [
      'shared/runtime/owner.ts',
      'const outcome = await this.#journal.commit({',
      'const entries = addressOutputs(this.#stage, fold.outputs)\n    const outcome = await this.#journal.commit({',
    ],
    [
      'shared/runtime/owner.ts',
      'await this.publishLast()\n    await this.#journal.maintain',
      `await this.publishLast()
    const parked = entries.filter(({ target }) => target === "millrace-parked")
    const lane = laneOf(this.#stage, this.partition) + "/parked"
    if (parked.length > 0) await publish(this.#stage, this.#ports, parked.map((entry, index) => ({ entry, identity: { lane, sequence: [this.seq, index] } })))
    await this.#journal.maintain`,
    ],
  ),
  mutant('a tick closes windows while records wait', 'windows', [
    'shared/runtime/tick-visit.ts',
    'if (next >= end) return true',
    'if (next >= end || next < end) return true',
  ]),
  mutant('a tick moves time to now', 'windows', [
    'shared/runtime/tick-visit.ts',
    'baseMs + nowMs - seen.sinceMs - stage.idleAfterMs : -1',
    'nowMs : -1',
  ]),
  mutant('a row of a table is put whatever is there', 'chain', [
    'shared/sinks/memory-table.ts',
    'compareSequences(stored.sequence, row.sequence) >= 0) return',
    'compareSequences(stored.sequence, row.sequence) === 0) return',
  ]),
  mutant(
    'a warm cell is the object, not its text',
    'windows',
    [
      'shared/engine/event-context.ts',
      'this.#fold.state.putText(this.#own(), id, text, wakeAtMs)',
      'this.#fold.state.put(this.#own(), id, value, wakeAtMs)',
    ],
    [
      'shared/engine/state.ts',
      'if (cell.alive) cell.encoded()\n      cell.value = UNDECODED\n      this.#dropIfEmpty(cell.owner)',
      'if (cell.alive) cell.encoded()\n      this.#dropIfEmpty(cell.owner)',
    ],
  ),
  mutant('state of other code is read as one’s own', 'windows', [
    'shared/runtime/owner.ts',
    'if (head !== undefined && head.signature !== stage.program.signature)',
    'if (head === null)',
  ]),
  mutant('a source that was made anew goes on', 'windows', [
    'shared/runtime/tick.ts',
    'known !== undefined && known.id !== found.id',
    'known === null',
  ]),
  mutant('time behind a re-key is that of the fastest source partition', 'rekey', [
    'shared/engine/lanes.ts',
    'return Number.isFinite(min) ? min : BEFORE_ALL_TIME',
    'return timeMs',
  ]),
]
