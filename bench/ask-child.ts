import { fork } from 'node:child_process'

/** Asks a program in a process of its own, which answers with one message. @throws Error when it ends without one */
export function askChild<Result>(program: URL, request: object): Promise<Result> {
  const child = fork(program, { execArgv: [] })
  return new Promise((resolve, reject) => {
    child.once('message', (result) => resolve(result as Result))
    child.once('error', reject)
    child.once('exit', (code) =>
      reject(new Error(`${program.pathname}: ended with ${code} and without a result: ${JSON.stringify(request)}`)),
    )
    child.send(request)
  })
}
