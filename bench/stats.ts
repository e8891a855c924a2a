/** Middle, lowest and highest of some numbers. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** The spread of at least one number; the median of an even count is the mean of the two in the middle. */
export function spreadOf(numbers: readonly number[]): Spread {
  if (numbers.length === 0) throw new RangeError('There is no spread of no numbers')
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  return { median, min: sorted[0]!, max: sorted.at(-1)! }
}

/** What some work took: by the clock, and of the processor by all threads of this process. */
export interface Took {
  readonly durationMs: number
  readonly cpuMs: number
}

/** Does the work and measures it. Garbage of earlier work is collected first, where `--expose-gc` allows it. */
export async function timed(work: () => unknown): Promise<Took> {
  globalThis.gc?.()
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  await work()
  const durationMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpuBefore)
  return { durationMs, cpuMs: (user + system) / 1_000 }
}

/** Two pieces of work that took turns; the same index is the same round. */
export interface Rounds {
  readonly a: readonly Took[]
  readonly b: readonly Took[]
}

/** Runs A B A B, so that both meet the same machine. The first `warmUps` rounds are not kept. */
export async function alternate(
  { rounds, warmUps }: { rounds: number; warmUps: number },
  workA: () => unknown,
  workB: () => unknown,
): Promise<Rounds> {
  const a: Took[] = []
  const b: Took[] = []
  for (let round = 0; round < warmUps + rounds; round++) {
    a.push(await timed(workA))
    b.push(await timed(workB))
  }
  return { a: a.slice(warmUps), b: b.slice(warmUps) }
}

/** How fast B was in terms of A, per round: 1 is as fast, 0.5 half as fast. */
export const ratios = ({ a, b }: Rounds, of: keyof Took): number[] => a.map((took, round) => took[of] / b[round]![of])

/** What happens per second, from a number and a duration in milliseconds. */
export const perSecond = (count: number, durationMs: number): number => (count * 1_000) / durationMs
