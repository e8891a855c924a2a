/** What a key may be: a string is its UTF-8 bytes, anything else canonical JSON. */
export type Key = string | number | boolean | readonly Key[] | { readonly [name: string]: Key }

/** State under these keys belongs to the engine. No user key encodes to a text that starts like them. */
export const RESERVED = '\u0000'
const JSON_MARK = '\u0001'

/** The key as a record's key: a string as it is, anything else JSON with sorted names and no spaces. */
export const keyText = (key: Key): string => (typeof key === 'string' ? key : canonicalJson(key))

/** The key as state's address: tells `"1"` from `1`, and never starts like a reserved key. */
export function keyAddress(key: Key): string {
  if (typeof key !== 'string') return JSON_MARK + canonicalJson(key)
  return key.charCodeAt(0) <= 1 ? JSON_MARK + JSON.stringify(key) : key
}

/** The key whose {@link keyAddress} is `address`. */
export const keyOfAddress = (address: string): Key =>
  address.charCodeAt(0) === 1 ? (JSON.parse(address.slice(1)) as Key) : address

function canonicalJson(key: Key): string {
  if (Array.isArray(key)) return `[${key.map(canonicalJson).join(',')}]`
  if (typeof key === 'object' && key !== null) {
    const entries = Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${canonicalJson(value as Key)}`).join(',')}}`
  }
  return JSON.stringify(key)
}
