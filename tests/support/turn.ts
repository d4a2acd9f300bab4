import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitFor, within } from './wait'

/** A TURN server that a test may kill and start again. */
export interface TestTurn {
  start: () => Promise<void>
  kill: () => Promise<void>
  /** Ends it and removes what it wrote. */
  stop: () => Promise<void>
}

/** A STUN binding request (RFC 8489): a server that is up answers it. */
const BINDING = Buffer.from('000100002112a442000102030405060708090a0b', 'hex')

/** Makes a coturn on loopback with time-limited credentials. */
export async function createTurn(port: number, secret: string): Promise<TestTurn> {
  const folder = await mkdtemp(join(tmpdir(), 'lastra-turn-'))
  let child: ChildProcess | undefined

  function answers(): Promise<boolean> {
    const socket = createSocket('udp4')
    const answer = new Promise<boolean>((resolve) => {
      socket.once('message', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.send(BINDING, port, '127.0.0.1')
    return within(answer, 200, 'STUN').finally(() => socket.close())
  }

  async function kill() {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise(resolve => child?.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }

  return {
    async start() {
      child = spawn('turnserver', [
        '-n', '--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${port}`, '--min-port=22500', '--max-port=22999',
        '--realm=lastra', '--use-auth-secret', `--static-auth-secret=${secret}`, '--no-tls', '--no-dtls', '--no-cli',
        '--no-multicast-peers', '--allow-loopback-peers', `--userdb=${join(folder, 'turn.sqlite')}`, `--pidfile=${join(folder, 'pid')}`, '--log-file=stdout',
      ], { stdio: 'ignore' })
      await waitFor(answers, { what: 'a TURN server that answers' })
    },
    kill,
    async stop() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
