import type { Group } from './branch-state.ts'

/** A match that is about to go out: what decides how far the others are discarded. */
export interface Settling {
  /** Emits the group's first complete match. @returns discard every match whose first event is before this number; 0: none */
  emit(group: Group): number
  /** Discards what the group holds. */
  discard(group: Group): void
}

/**
 * Lets matches out, in the order of their first events. With a strategy that discards, one goes out only when no partial
 * match with an earlier first event is alive, and discards by its strategy before the next is looked at.
 * https://github.com/apache/flink/blob/master/flink-libraries/flink-cep/src/main/java/org/apache/flink/cep/nfa/NFA.java
 */
export function settle(groups: readonly Group[], holdsBack: boolean, settling: Settling): void {
  for (const group of groups) {
    while (group.done.length > 0) {
      const before = settling.emit(group)
      for (const other of groups) {
        if (other.first >= before) break
        if (other.heads.length > 0 || other.done.length > 0) settling.discard(other)
      }
    }
    if (holdsBack && group.heads.length > 0) return
  }
}
