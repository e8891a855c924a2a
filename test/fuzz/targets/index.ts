import type { FuzzTarget } from '../target.ts'
import { disk } from './disk.ts'
import { documents } from './documents.ts'
import { files } from './files.ts'
import { journal } from './journal.ts'
import { records } from './records.ts'
import { wire } from './wire.ts'

export const targets: readonly FuzzTarget[] = [...records, ...documents, ...journal, ...disk, ...files, ...wire]
