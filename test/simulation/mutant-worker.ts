import { registerHooks } from 'node:module'
import { workerData } from 'node:worker_threads'
import { type Edit, edited } from './mutants.ts'

const { edits } = workerData as { edits: readonly Edit[] }

// The code under test is read as it stands, with one rule of it broken; nothing of this is in the code that ships.
registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    const mine = edits.filter(({ file }) => url.endsWith(`/${file}`))
    return mine.length === 0 ? loaded : { ...loaded, source: edited(String(loaded.source), mine) }
  },
})

await import('../../local/simulation/worker.ts')
