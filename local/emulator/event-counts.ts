/** How many records met which fate, in the words of the mapping's metrics; each delivery of a record counts. */
export interface EventCounts {
  /** Taken into a batch. */
  polled: number
  filteredOut: number
  /** Given to the function, each time. */
  invoked: number
  /** Of those, the ones whose attempt failed. */
  failedInvoke: number
  /** Given up with nowhere to go. */
  dropped: number
  onFailureDelivered: number
  /** Passed by the offsets that the group has committed. */
  committed: number
}

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
export const zeroEventCounts = (): EventCounts => ({
  polled: 0,
  filteredOut: 0,
  invoked: 0,
  failedInvoke: 0,
  dropped: 0,
  onFailureDelivered: 0,
  committed: 0,
})
