// One run in a process of its own, so that neither compiled code nor memory of another run is in the way.
import { runMillrace } from './millrace-run.ts'
import { runPlain } from './plain-run.ts'
import type { RunRequest } from './run.ts'

process.once('message', async (request: RunRequest) => {
  const result = await (request.way === 'millrace' ? runMillrace(request) : runPlain(request))
  process.send!(result, () => process.exit(0))
})
