import { readFileSync } from 'node:fs'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

it.each(['orders.ts', 'orders.test.ts'])('docs/emulator.md shows %s as it is tested', (name) => {
  const shown = readFileSync('docs/emulator.md', 'utf8')
  const file = readFileSync(`test/local/emulator/example/${name}`, 'utf8')
  expect(shown).toContain(`\`\`\`ts\n// ${name}\n${file}\`\`\``)
})

it('the emulator becomes one file that needs nothing but Node', async () => {
  const { metafile } = await build({
    entryPoints: ['local/emulator/index.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    metafile: true,
  })
  const [output] = Object.values(metafile.outputs)
  const outside = output!.imports.filter(({ external }) => external).map(({ path }) => path)
  expect(outside.length).toBeGreaterThan(0)
  expect(outside.filter((path) => !path.startsWith('node:'))).toEqual([])
})
