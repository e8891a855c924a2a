/** When results go out. */
export interface Emission {
  /** On close. */
  readonly final: boolean
  /** After a change: at once, or at most one per key and window in `everyMs` of event time, the newest. */
  readonly updates: { readonly everyMs: number } | undefined
}

/** Names the emission within the state's signature: pending updates are state. */
export const emissionSignature = ({ final, updates }: Emission): string =>
  `${final ? 'final' : ''}${updates === undefined ? '' : `updates(${updates.everyMs})`}`
