import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
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

  it('must not be a file', async () => {
    const path = join(temporaryDirectory(), 'file')
    writeFileSync(path, '')
    await expect(openDataDirectory(path)).rejects.toThrow(/is not a directory/)
  })
})
