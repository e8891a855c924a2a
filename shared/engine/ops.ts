/** One stateless step: gets a value, hands on none, one or several. */
export type Op =
  | { readonly kind: 'filter'; readonly keep: (value: unknown) => boolean }
  | { readonly kind: 'map'; readonly to: (value: unknown) => unknown }
  | { readonly kind: 'flatMap'; readonly to: (value: unknown) => readonly unknown[] }

/** Applies the steps in order; calls `take` for every value that comes out, in order. */
export function applyOps(ops: readonly Op[], value: unknown, take: (value: unknown) => void, from = 0): void {
  for (let i = from; i < ops.length; i++) {
    const op = ops[i]!
    if (op.kind === 'filter') {
      if (!op.keep(value)) return
    } else if (op.kind === 'map') value = op.to(value)
    else {
      for (const each of op.to(value)) applyOps(ops, each, take, i + 1)
      return
    }
  }
  take(value)
}
