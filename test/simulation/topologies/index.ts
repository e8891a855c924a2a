import type { Topology } from '../../../local/simulation/topology.ts'
import { burst } from './burst.ts'
import { chain } from './chain.ts'
import { held } from './held.ts'
import { mended } from './mended.ts'
import { patterns } from './patterns.ts'
import { pipeline } from './pipeline.ts'
import { rekey } from './rekey.ts'
import { windows } from './windows.ts'

export const topologies: readonly Topology[] = [chain, windows, rekey, patterns, pipeline, mended, held, burst]
