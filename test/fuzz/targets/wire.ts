import { type CompressionAlgorithmValue, createRecordsBatch } from '@platformatic/kafka'
import { readBatches } from '../../../shared/broker/record-batches.ts'
import { RecordCursor } from '../../../shared/broker/record-cursor.ts'
import { sealed } from '../../broker/sealed.ts'
import type { FuzzTarget } from '../target.ts'

const message = (n: number) => ({
  topic: 't',
  key: Buffer.from(`k${n}`),
  value: Buffer.from(`{"n":${n}}`),
  headers: new Map([[Buffer.from('mr'), Buffer.from(`a.1.0;${n}.0;5`)]]),
  timestamp: 1_700_000_000_000n + BigInt(n),
})
const batch = (compression: CompressionAlgorithmValue): Buffer => {
  const options = { compression } as Parameters<typeof createRecordsBatch>[1]
  return Buffer.from(createRecordsBatch([0, 1, 2].map(message), options).buffer)
}

// The client's decoders of snappy and lz4 are WebAssembly that traps on bad bytes, and leaves a little behind each time:
// after some ten thousand of them it reads nothing any more, and says so.
export const wire: readonly FuzzTarget[] = (['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const).map((compression) => ({
  name: `Kafka record batches, ${compression}`,
  valid: [batch(compression), Buffer.concat([batch(compression), batch('none')])],
  read(bytes) {
    const cursor = new RecordCursor('t', 0, readBatches(sealed(bytes)), 0)
    while (cursor.next() !== undefined);
  },
}))
