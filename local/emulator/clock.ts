import { setImmediate, setTimeout } from 'node:timers/promises'

/** Time as the emulator knows it; tests move it by hand. */
export interface Clock {
  /** Epoch ms. */
  nowMs(): number
  /** 0 only lets others have a turn. Nobody waits for it any more once `unwanted` is aborted; then it may also reject. */
  sleep(ms: number, unwanted?: AbortSignal): Promise<void>
}

/** The machine's own time. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: async (ms, unwanted) => {
    if (ms > 0) await setTimeout(ms, undefined, unwanted && { signal: unwanted })
    else await setImmediate()
  },
}
