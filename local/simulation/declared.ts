import { processors } from '../../functions/index.ts'
import { declaredTopologies } from './declared-topology.ts'
import type { Samples } from './samples.ts'

// Imported anew by each thread, with the file of samples in its own address.
const file = new URL(import.meta.url).searchParams.get('samples')
const { samples } = file === null ? { samples: {} } : ((await import(file)) as { samples: Samples })

export const topologies = declaredTopologies(processors, samples)
