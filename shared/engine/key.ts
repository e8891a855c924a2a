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

/**
 * The key that {@link keyText} wrote as `text`: a string as it is, or else JSON of anything but a string.
 * undefined for JSON that is not written like that, or is no key.
 */
export function keyOfText(text: string, format: 'text' | 'json'): Key | undefined {
  if (format === 'text') return text
  try {
    const key: unknown = JSON.parse(text)
    return typeof key !== 'string' && isKey(key) && keyText(key) === text ? key : undefined
  } catch {
    return undefined
  }
}

/** Whether `address` is one that {@link keyAddress} makes. */
export function isAddress(address: string): boolean {
  if (address.charCodeAt(0) > 1 || address === '') return true
  try {
    const key: unknown = JSON.parse(address.slice(1))
    return isKey(key) && keyAddress(key) === address
  } catch {
    return false
  }
}

function isKey(value: unknown): value is Key {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).every(([name, each]) => name !== '__proto__' && isKey(each))
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
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
