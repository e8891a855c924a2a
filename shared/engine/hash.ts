/** FNV-1a over the UTF-16 code units of key and cell: spreads cells over buckets. Part of the journal's format. */
export function cellHash(key: string, cell: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ 0xff, 0x01000193)
  for (let i = 0; i < cell.length; i++) hash = Math.imul(hash ^ cell.charCodeAt(i), 0x01000193)
  // The low bits choose the bucket: fold the high ones in, FNV mixes upwards only.
  return (hash ^ (hash >>> 15)) >>> 0
}
