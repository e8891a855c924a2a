import { parentPort, workerData } from 'node:worker_threads'
import dynalite from 'dynalite'

/** Tables are ready when they are made: nobody here waits for the sake of realism. */
const READY_AT_ONCE = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }

const { path } = workerData as { path: string | undefined }
const server = dynalite({ ...READY_AT_ONCE, ...(path !== undefined && { path }) })

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  parentPort?.postMessage(typeof address === 'object' && address ? address.port : 0)
})
parentPort?.on('message', () => server.close(() => process.exit(0)))
