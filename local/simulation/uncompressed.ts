import type { Compression } from '../../shared/journal/codec.ts'

/** Bodies as they are: zstd would take a third of a run's time, in which nothing can happen. */
export const uncompressed: Compression = {
  compress: (pieces) => Buffer.from(pieces.join('')),
  decompress: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(),
}
