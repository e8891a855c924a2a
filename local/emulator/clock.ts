import { setImmediate, setTimeout } from 'node:timers/promises'

/** Time as the emulator knows it; tests move it by hand. */
export interface Clock {
  /** Epoch ms. */
  nowMs(): number
  /** 0 only lets others have a turn. */
  sleep(ms: number): Promise<void>
}

/** The machine's own time. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: async (ms) => {
    if (ms > 0) await setTimeout(ms)
    else await setImmediate()
  },
}
