import type { HostileCase } from '../case.ts'
import { headers } from './headers.ts'
import { keys } from './keys.ts'
import { numbers } from './numbers.ts'
import { structure } from './structure.ts'
import { text } from './text.ts'
import { times } from './times.ts'

/** All hostile records, each with what must become of it. */
export const corpus: readonly HostileCase[] = [...structure, ...numbers, ...text, ...keys, ...times, ...headers]
