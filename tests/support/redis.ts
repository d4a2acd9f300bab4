import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { freePort } from './server'
import { waitFor } from './wait'

/** A real Redis in a process of its own, which keeps nothing. */
export interface TestRedis {
  readonly url: string
  /** Ends it as a crash does. */
  stop: () => Promise<void>
  /** Starts it again, on the same port. */
  start: () => Promise<void>
  /** Stops or goes on with the process, with its connections open. */
  freeze: (frozen: boolean) => void
}

/**
 * Starts a Redis on a free port of this machine.
 *
 * @param password asked of whoever connects, where there is one
 */
export async function startRedis(password?: string): Promise<TestRedis> {
  const port = await freePort()
  let child: ChildProcess | undefined
  const redis: TestRedis = {
    url: `redis://${password === undefined ? '' : `:${password}@`}127.0.0.1:${port}`,
    async start() {
      const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...password === undefined ? [] : ['--requirepass', password]]
      child = spawn('redis-server', args, { stdio: 'ignore' })
      await waitFor(() => answers(port), { what: 'Redis that answers' })
    },
    async stop() {
      if (child?.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
    freeze: frozen => void child?.kill(frozen ? 'SIGSTOP' : 'SIGCONT'),
  }
  await redis.start()
  return redis
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
