/** Cases of each property of the engine: `PROPERTY_RUNS`, 1,000 by default. */
export const numRuns = Number(process.env.PROPERTY_RUNS ?? 1_000)

/** Enough for them on a busy machine. */
export const TIMEOUT_MS = 60_000 * Math.max(2, numRuns / 500)
