import { describe, expect, it } from 'vitest'
import { Troubles } from '../../../local/run/troubles.ts'
import { MillraceError } from '../../../shared/errors.ts'
import type { Stage } from '../../../shared/processor/plan-types.ts'

const stage = { id: 'card-spend' } as Stage

function scene() {
  const lines: string[] = []
  const troubles = new Troubles((line) => lines.push(line))
  let fatal: unknown
  troubles.fatal.catch((error: unknown) => {
    fatal = error
  })
  const fatalError = async (): Promise<unknown> => {
    await Promise.resolve()
    return fatal
  }
  return { lines, troubles, fatalError }
}

describe('a failed attempt', () => {
  it('that may pass is told of when it lasts, once, and never ends the run', async () => {
    const { lines, troubles, fatalError } = scene()
    const error = new MillraceError('JOURNAL_UNREACHABLE', { reason: 'test' })
    troubles.attempt(stage, error, 1)
    troubles.attempt(stage, error, 2)
    expect(lines).toEqual([])
    for (let attempt = 3; attempt < 100; attempt++) troubles.attempt(stage, error, attempt)
    expect(lines).toEqual([expect.stringMatching(/^card-spend: JOURNAL_UNREACHABLE/)])
    expect(await fatalError()).toBeUndefined()
  })

  it('that will not pass is told of at once, and ends the run after a few more', async () => {
    const { lines, troubles, fatalError } = scene()
    const error = new MillraceError('STATE_SIGNATURE_CHANGED', { scope: 's', stored: 'a', running: 'b' })
    troubles.attempt(stage, error, 1)
    expect(lines).toEqual([expect.stringMatching(/raise the processor's generation/)])
    expect(await fatalError()).toBeUndefined()
    troubles.attempt(stage, error, 5)
    expect(await fatalError()).toBe(error)
  })

  it('of unknown kind comes with its place in the code', () => {
    const { lines, troubles } = scene()
    troubles.attempt(stage, new TypeError('oops'), 1)
    expect(lines[0]).toMatch(/TypeError: oops\n\s+at .*troubles\.test/)
  })
})
