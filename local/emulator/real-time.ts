import { performance } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { settle } from './hand-clock.ts'

/** Waits, in real time, until one of the invocations under way ends; false if none does within `patienceMs`. */
export async function isAnswered(mapping: { readonly running: number }, patienceMs: number): Promise<boolean> {
  const sinceMs = performance.now()
  const { running } = mapping
  while (mapping.running === running) {
    if (performance.now() - sinceMs > patienceMs) return false
    await setTimeout(1)
  }
  await settle()
  return true
}
