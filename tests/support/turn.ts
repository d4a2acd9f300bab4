import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './server'
import { waitFor } from './wait'

/** A coturn of its own, on loopback. */
export interface TurnServer {
  port: number
  secret: string
  log: () => string
  stop: () => Promise<void>
}

/** Whether coturn is installed: Debian's package `coturn`. */
export const hasTurnServer = spawnSync('turnserver', ['--help'], { stdio: 'ignore' }).error === undefined

/** Starts coturn with time-limited credentials. Loopback peers are for tests only, never for production. */
export async function startTurnServer(): Promise<TurnServer> {
  const port = await freePort()
  const secret = crypto.randomUUID()
  const folder = await mkdtemp(join(tmpdir(), 'lastra-turn-'))
  const child = spawn('turnserver', [
    '-n', '--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${port}`, '--min-port=23000', '--max-port=23999',
    '--realm=test', '--use-auth-secret', `--static-auth-secret=${secret}`, '--no-tls', '--no-dtls', '--no-cli', '--no-multicast-peers',
    '--allow-loopback-peers', `--userdb=${join(folder, 'turn.sqlite')}`, `--pidfile=${join(folder, 'turn.pid')}`, '--log-file=stdout', '--verbose',
  ], { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text
    })
  }
  const exited = new Promise(resolve => child.once('close', resolve))
  await waitFor(() => log.includes('listener opened on'), { what: () => `coturn to listen; its log:\n${log}` })
  return {
    port,
    secret,
    log: () => log,
    stop: async () => {
      child.kill('SIGKILL')
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}
