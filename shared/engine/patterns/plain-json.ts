/**
 * Upper bound of the length of `value` as JSON, in bytes; -1 if JSON would not give back the same: a `Date`, a `Map`, an
 * instance of a class, an undefined field, a number that is not finite, -0.
 */
export function plainJsonBytes(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return 2 + 6 * value.length
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? 25 : -1
    case 'boolean':
      return 5
    case 'object':
      return value === null ? 4 : Array.isArray(value) ? arrayBytes(value) : objectBytes(value)
    default:
      return -1
  }
}

function arrayBytes(list: readonly unknown[]): number {
  let bytes = 2
  for (let i = 0; i < list.length; i++) {
    const each = plainJsonBytes(list[i])
    if (each < 0) return -1
    bytes += each + 1
  }
  return bytes
}

function objectBytes(object: object): number {
  if (Object.getPrototypeOf(object) !== Object.prototype) return -1
  let bytes = 2
  for (const name of Object.keys(object)) {
    const each = plainJsonBytes((object as Record<string, unknown>)[name])
    if (each < 0) return -1
    bytes += each + 6 * name.length + 4
  }
  return bytes
}

/** `value` as it would come back from state. */
export const asJson = (value: unknown): unknown => {
  const text = JSON.stringify(value)
  return text === undefined ? null : JSON.parse(text)
}
