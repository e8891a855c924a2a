import type { OwnCode } from './own.ts'
import { reading } from './reading.ts'
import { state } from './state.ts'
import { transforms } from './transforms.ts'

/** Code of users that fails on one record, in every way that we could think of. */
export const ownCode: readonly OwnCode[] = [...transforms, ...reading, ...state]
