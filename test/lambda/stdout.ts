import { vi } from 'vitest'

/** What is written to the process's own streams while `work` runs, line by line: all that Lambda would see. */
export async function linesOf(work: () => Promise<unknown>): Promise<string[]> {
  let text = ''
  const keep = (chunk: unknown): boolean => {
    text += String(chunk)
    return true
  }
  const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockImplementation(keep))
  try {
    await work()
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
  return text.split('\n').filter((line) => line !== '')
}
