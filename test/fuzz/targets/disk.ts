import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { FRAME_PREFIX_BYTES, FrameWriter } from '../../../local/log/frame.ts'
import { PartitionLog } from '../../../local/log/partition-log.ts'
import type { FuzzTarget } from '../target.ts'

const place = { topic: 't', partition: 0, timestampType: 'CREATE_TIME' as const }
const limits = { maxRecords: 100, maxBytes: 1_000_000 }

const writer = new FrameWriter()
const record = { key: 'k', value: '{"a":1}', headers: { mr: 'a.1.0;1.0;5', x: '' }, timestampMs: 5 }
for (const each of [record, { ...record, key: null, value: null, headers: {} }, record]) writer.add(each, undefined)
const frames = Buffer.from(writer.bytes)
const body = frames.subarray(FRAME_PREFIX_BYTES, writer.starts[1])

function readLog(bytes: Uint8Array): unknown {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-fuzz-'))
  try {
    const path = join(directory, '0')
    writeFileSync(path, bytes)
    const log = new PartitionLog(path, place, 1_000_000)
    try {
      return log.read(0, limits)
    } finally {
      log.close()
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** A frame whose length and checksum fit its body, whatever that is. */
function framed(bytes: Buffer): Buffer {
  const prefix = Buffer.alloc(FRAME_PREFIX_BYTES)
  prefix.writeUInt32LE(bytes.length, 0)
  prefix.writeUInt32LE(crc32(bytes), 4)
  return Buffer.concat([prefix, bytes])
}

export const disk: readonly FuzzTarget[] = [
  { name: 'disk log: frames of a file', valid: [frames], read: readLog },
  { name: 'disk log: a body whose checksum fits', valid: [body], read: (bytes) => readLog(framed(bytes)) },
]
