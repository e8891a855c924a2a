import { once } from 'node:events'
import { createConnection, createServer, type Socket } from 'node:net'
import { PassThrough, Transform } from 'node:stream'

/** Stands before a server: what goes through it can be cut off, or slowed down. */
export interface TcpProxy {
  readonly port: number
  /** Ends all connections that there are; new ones are taken. */
  cut(): void
  /** Each chunk waits so long before it goes on; 0: none does. */
  slowDown(delayMs: number): void
  close(): Promise<void>
}

export async function startTcpProxy(target: { port: number; host: string }): Promise<TcpProxy> {
  const open = new Set<Socket>()
  let delayMs = 0
  const slowly = () =>
    new Transform({
      transform(chunk, _encoding, done) {
        if (delayMs === 0) done(null, chunk)
        else setTimeout(() => done(null, chunk), delayMs)
      },
    })
  const server = createServer((client) => {
    const upstream = createConnection(target)
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        open.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.pipe(slowly()).pipe(upstream)
    upstream.pipe(slowly()).pipe(new PassThrough()).pipe(client)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as { port: number }).port,
    cut: () => {
      for (const socket of open) socket.destroy()
    },
    slowDown: (ms) => {
      delayMs = ms
    },
    close: async () => {
      for (const socket of open) socket.destroy()
      await once(server.close(), 'close')
    },
  }
}
