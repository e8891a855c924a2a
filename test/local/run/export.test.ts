import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { diskBroker } from '../../../local/log/disk-broker.ts'
import { exportOutputs } from '../../../local/run/export.ts'
import { plan, processor, topic } from '../../../shared/processor/index.ts'
import { HandClock } from '../hand-clock.ts'
import { temporaryDirectory } from '../temporary.ts'

const any = z.object({ id: z.string() })

describe('outputs that cannot be written', () => {
  it('end the run with the file and the reason', async () => {
    const planned = plan([
      processor('p')
        .from(topic('in', { schema: any }))
        .to(topic('out', { schema: any })),
    ])
    const broker = diskBroker(temporaryDirectory(), new HandClock())
    for (const each of planned.topics) await broker.ensureTopic(each)
    const output = temporaryDirectory()
    mkdirSync(join(output, 'out.ndjson'))
    const exported = exportOutputs(output, planned, { broker, client: undefined as never })
    await expect(exported).rejects.toThrow(/^SINK_REFUSED: .*out\.ndjson refuses the output \(EISDIR\)/)
    await broker.close()
  })
})
