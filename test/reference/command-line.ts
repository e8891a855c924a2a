/** Reads an option's text as a whole number of at least `least`; throws when it is none. */
export function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
    throw new Error(`--${name} must be a whole number of at least ${least}, not ${text}`)
  }
  return value
}

/** The text of an option that has no default; throws when it was not given. */
export function required(name: string, text: string | undefined): string {
  if (text === undefined || text === '') throw new Error(`--${name} is required`)
  return text
}
