import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { overlap } from '../../../local/cli/overlap.ts'
import { temporaryDirectory } from '../temporary.ts'

describe('two directories overlap', () => {
  it('when a link makes them one, also where neither exists yet', () => {
    const path = temporaryDirectory()
    mkdirSync(join(path, 'real'))
    symlinkSync(join(path, 'real'), join(path, 'link'))
    expect(overlap(join(path, 'real'), join(path, 'link'))).toBe(true)
    expect(overlap(join(path, 'real/new'), join(path, 'link/new/deep'))).toBe(true)
    expect(overlap(join(path, 'real/a'), join(path, 'link/b'))).toBe(false)
  })

  it.each([
    ['a', 'a', true],
    ['a', 'a/b', true],
    ['/', 'a', true],
    ['a', 'ab', false],
    ['a/..b', 'a/b', false],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(overlap(a, b)).toBe(expected)
    expect(overlap(b, a)).toBe(expected)
  })
})
