import type { Panes } from './panes.ts'

/**
 * Windows of one length that overlap: which there are, and the panes they are put together from. A pane is a stretch of
 * time that lies wholly inside or outside of every window; it is named by where it begins. A window is named by its start
 * and holds the panes from there to before start + `sizeMs`.
 */
export interface Overlap {
  /** Number of ms that a window covers. */
  readonly sizeMs: number
  readonly graceMs: number
  /** True: a window's bounds are `[start, start + sizeMs - 1]`, both inclusive. False: `[start, start + sizeMs)`. */
  readonly endInclusive: boolean
  /** The pane of a record. */
  paneOf(timeMs: number): number
  /** The earliest window that holds a record, or that it makes. */
  firstStart(timeMs: number): number
  /** The latest start that a window holding the record may have. */
  lastStart(timeMs: number): number
  /** The earliest window from `openFrom` on whose result a record changes, or may change. */
  openStart(timeMs: number, openFrom: number): number
  /** How many of the record's windows begin before `openFrom`. */
  closedWindows(timeMs: number, openFrom: number): number
  /**
   * The windows from `openFrom` on that a record, already in its pane, has changed or made; by start.
   * `firstInPane`: the pane was not there before it.
   */
  changedStarts(panes: Panes, timeMs: number, openFrom: number, firstInPane: boolean): number[]
  /** The first window after `start` that panes at hand are in, or may be in. */
  nextStart(panes: Panes, start: number): number | undefined
  /** Once window `start` is closed, panes before this are in no window any more. */
  neededFrom(start: number): number
  /** The last window that needs to know of the record's pane. */
  lastNeeding(timeMs: number): number
}
