import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle, type entries } from '../../infra/bundle.ts'

/** Lambda takes 50 MB, zipped; long before that a cold start takes too long. */
const BYTES_MAX = 2_000_000

describe.each<keyof typeof entries>(['processors', 'bootstrapBrokers'])('the bundle %s', (name) => {
  let build = ''
  beforeAll(() => {
    build = mkdtempSync(join(tmpdir(), 'millrace-bundle-'))
    bundle(name, build)
  }, 60_000)
  afterAll(() => rmSync(build, { recursive: true, force: true }))

  const files = () => readdirSync(join(build, name)).map((file) => join(build, name, file))
  const text = () => Object.fromEntries(files().map((file) => [file, readFileSync(file, 'utf8')]))

  test('needs nothing outside it but Node.js', () => {
    const imported = Object.values(text()).flatMap((source) => [
      ...source.matchAll(/(?:^|[;}\n])(?:import|export)[^;"'()]*?from ?["']([^"']+)["']/g),
    ])
    const outside = imported.map(([, from]) => from!).filter((from) => !from.startsWith('./') && !isBuiltin(from))
    expect([...new Set(outside)]).toEqual([])
  })

  test('is loaded by its entry', async () => {
    // Without its environment the processors' entry says what is missing; it has loaded by then.
    const loaded = import(pathToFileURL(join(build, name, 'index.mjs')).href)
    if (name === 'processors') await expect(loaded).rejects.toThrow(/^SETTING_MISSING: .*MILLRACE_STAGE/)
    else expect(await loaded).toHaveProperty('handler')
  })

  test('is small', () => {
    expect(Object.values(text()).reduce((bytes, source) => bytes + Buffer.byteLength(source), 0)).toBeLessThan(
      BYTES_MAX,
    )
  })

  test('is the same for the same sources: nothing is deployed again for nothing', () => {
    const before = text()
    bundle(name, build)
    expect(text()).toEqual(before)
  })
})
