import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { breakLine, brokenKind } from './broken-lines.ts'
import { required, wholeNumber } from './command-line.ts'
import { planFraud } from './fraud-plan.ts'
import { mulberry32 } from './random.ts'
import { drafter, fieldTexts, joinFields } from './transaction-lines.ts'

const CHUNK_BYTES = 1 << 20
const PLAN_STREAM = 0x9e3779b9

/** How many lines to write (`records`, the broken ones included), over how many cards. */
export interface GenerateOptions {
  readonly records: number
  readonly seed: number
  readonly cards: number
  readonly broken: number
}

/**
 * What was written: `lines` in all, of which `records` are sound and `broken` are not. `firstAt` and
 * `lastAt` are the lowest and the highest event time of the sound ones, in epoch milliseconds, both
 * included; null when there are none.
 */
export interface Manifest {
  lines: number
  records: number
  broken: number
  byKind: Record<string, number>
  firstAt: number | null
  lastAt: number | null
}

/** A manifest of no lines, to be filled by {@link generateLines}. */
export function emptyManifest(): Manifest {
  return { lines: 0, records: 0, broken: 0, byKind: {}, firstAt: null, lastAt: null }
}

/** The lines without line feeds, the same for the same options; counts them in the manifest. */
export function* generateLines(options: GenerateOptions, manifest: Manifest): Generator<string | Buffer> {
  const { records, cards, seed } = options
  const broken = brokenPositions(options)
  // A stream of its own, so that the plan does not shift the numbers the lines are drawn from.
  const plan = planFraud({ records, cards, broken, random: mulberry32(seed ^ PLAN_STREAM) })
  const draft = drafter(cards, mulberry32(seed))
  for (let line = 0; line < records; line++) {
    const made = draft(line, plan.get(line))
    manifest.lines++
    if (broken.has(line)) {
      const kind = brokenKind(manifest.broken++)
      manifest.byKind[kind] = (manifest.byKind[kind] ?? 0) + 1
      yield breakLine(kind, made)
    } else {
      manifest.records++
      manifest.firstAt = Math.min(manifest.firstAt ?? made.at, made.at)
      manifest.lastAt = Math.max(manifest.lastAt ?? made.at, made.at)
      yield joinFields(fieldTexts(made))
    }
  }
}

function brokenPositions({ records, broken }: GenerateOptions): Set<number> {
  if (broken > records) throw new Error(`${broken} broken lines do not fit in ${records}`)
  return new Set(Array.from({ length: broken }, (_, n) => Math.floor(((n + 0.5) * records) / broken)))
}

/** Writes the lines to a file, and the manifest next to it as `FILE.manifest.json`. */
export async function generateFile(file: string, options: GenerateOptions): Promise<Manifest> {
  const manifest = emptyManifest()
  await pipeline(chunks(generateLines(options, manifest)), createWriteStream(file))
  await writeFile(`${file}.manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`)
  return manifest
}

function* chunks(lines: Iterable<string | Buffer>): Generator<Buffer> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  let used = 0
  for (const line of lines) {
    const size = Buffer.byteLength(line) + 1
    if (used + size > CHUNK_BYTES) {
      yield Buffer.from(chunk.subarray(0, used))
      used = 0
    }
    used += typeof line === 'string' ? chunk.write(line, used) : line.copy(chunk, used)
    chunk[used++] = 0x0a
  }
  yield Buffer.from(chunk.subarray(0, used))
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      records: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: '1' },
      out: { type: 'string' },
      cards: { type: 'string', default: '50000' },
      broken: { type: 'string', default: '100' },
    },
  })
  const manifest = await generateFile(required('out', values.out), {
    records: wholeNumber('records', values.records, 1),
    seed: wholeNumber('seed', values.seed, 0),
    cards: wholeNumber('cards', values.cards, 1),
    broken: wholeNumber('broken', values.broken, 0),
  })
  console.log(JSON.stringify(manifest))
}

if (import.meta.main) await main()
