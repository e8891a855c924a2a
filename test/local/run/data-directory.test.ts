import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { openDataDirectory } from '../../../local/run/data-directory.ts'
import { temporaryDirectory } from '../temporary.ts'

describe('a data directory', () => {
  it('is for one process at a time', async () => {
    const path = join(temporaryDirectory(), 'new')
    const first = await openDataDirectory(path)
    await expect(openDataDirectory(path)).rejects.toThrow(/Another process is running on --data/)
    first.release()
    const second = await openDataDirectory(path)
    second.release()
  })

  it('is free when its owner was killed', async () => {
    const path = temporaryDirectory()
    writeFileSync(join(path, 'lock'), '1 of-a-dead-process')
    const directory = await openDataDirectory(path)
    directory.release()
    expect(existsSync(path)).toBe(true)
  })

  it('is removed at the end when nobody asked for it', async () => {
    const directory = await openDataDirectory(undefined)
    expect(existsSync(directory.path)).toBe(true)
    directory.release()
    expect(existsSync(directory.path)).toBe(false)
  })

  it('goes with the next run when it was for one that was killed, and nothing else does', async () => {
    const temporary = temporaryDirectory()
    vi.stubEnv('TMPDIR', temporary)
    onTestFinished(() => void vi.unstubAllEnvs())
    const alive = await openDataDirectory(undefined)
    const at = (name: string) => join(temporary, name)
    for (const name of ['millrace-run-killed', 'millrace-run-begins', 'millrace-other', 'mine']) mkdirSync(at(name))
    for (const name of ['millrace-run-killed', 'millrace-other', 'mine'])
      writeFileSync(join(at(name), 'lock'), '1 of-a-dead-process')
    writeFileSync(join(at('millrace-run-killed'), 'data'), 'x')
    symlinkSync(at('mine'), at('millrace-run-link'))
    const next = await openDataDirectory(undefined)
    for (const { path } of [alive, next]) expect(existsSync(join(path, 'lock'))).toBe(true)
    for (const { release } of [alive, next]) release()
    expect(existsSync(join(at('mine'), 'lock'))).toBe(true)
    expect(readdirSync(temporary).toSorted()).toEqual(['millrace-other', 'millrace-run-begins', 'mine'])
  })

  it('must not be a file', async () => {
    const path = join(temporaryDirectory(), 'file')
    writeFileSync(path, '')
    await expect(openDataDirectory(path)).rejects.toThrow(/is not a directory/)
  })
})
