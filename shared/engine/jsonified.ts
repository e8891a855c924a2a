/**
 * What is left of a `T` that has been through JSON, as values are that were kept in state or have travelled between two
 * stages: a `Date` is a string, an undefined field is not there, an undefined item is null. `never` for what JSON loses
 * without a word (functions, `Map`, `Set`, typed arrays) or refuses (bigint).
 */
export type Jsonified<T> = unknown extends T
  ? T
  : T extends string | number | boolean | null
    ? T
    : T extends { toJSON(...args: never[]): infer Json }
      ? Jsonified<Json>
      : T extends Lost
        ? never
        : T extends readonly unknown[]
          ? { [Index in keyof T]: JsonifiedItem<T[Index]> }
          : JsonifiedFields<T>

type Lost =
  | undefined
  | bigint
  | symbol
  | ((...args: never[]) => unknown)
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | WeakMap<WeakKey, unknown>
  | WeakSet<WeakKey>
  | PromiseLike<unknown>
  | RegExp
  | ArrayBuffer
  | ArrayBufferView

/** The same of an item of a list: undefined is null there. */
export type JsonifiedItem<T> = T extends undefined | symbol | ((...args: never[]) => unknown) ? null : Jsonified<T>

/** Fields that may be undefined may be absent. */
type JsonifiedFields<T> = Flat<
  { [Name in keyof T as Stays<T, Name> & (undefined extends T[Name] ? never : Name)]: Jsonified<T[Name]> } & {
    [Name in keyof T as Stays<T, Name> & (undefined extends T[Name] ? Name : never)]?: Jsonified<
      Exclude<T[Name], undefined>
    >
  }
>

/** Names that are texts, of fields that are not functions or symbols through and through. */
type Stays<T, Name extends keyof T> = Name extends symbol
  ? never
  : [T[Name]] extends [symbol | ((...args: never[]) => unknown) | undefined]
    ? unknown extends T[Name]
      ? Name
      : never
    : Name

type Flat<T> = { [Name in keyof T]: T[Name] }

/** The value as it comes back from JSON as an item of a list. @throws TypeError what JSON refuses: a bigint, a cycle */
export function jsonified<T>(value: T): JsonifiedItem<T> {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value as JsonifiedItem<T>
  return JSON.parse(JSON.stringify(value) ?? 'null') as JsonifiedItem<T>
}
