import { jsCRC32C } from '@platformatic/kafka'

const LENGTH_AT = 8
const CRC_AT = 17
const COVERED_AT = 21

/** The same batches with checksums that fit: what a broker would send whose own code had written such bytes. */
export function sealed(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  for (let at = 0; at + COVERED_AT <= copy.length; ) {
    const end = at + LENGTH_AT + 4 + copy.readInt32BE(at + LENGTH_AT)
    if (end < at + COVERED_AT || end > copy.length) break
    copy.writeUInt32BE(jsCRC32C(copy.subarray(at + COVERED_AT, end)), at + CRC_AT)
    at = end
  }
  return copy
}
