import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { waitFor, within } from './wait'

/** The production build. */
export const SERVER_ENTRY = fileURLToPath(new URL('../../.output/server/index.mjs', import.meta.url))

/** Below the range the system gives to outgoing connections, so that none of those can take it in between. */
const PORTS = { first: 23_000, count: 1_000 }

/** Limits of a suite that is not about limits: dozens of clients from one address, writing as fast as they can. */
const ROOMY = {
  NUXT_LIMITS_CONNECTIONS_PER_USER: '1000',
  NUXT_LIMITS_CONNECTIONS_PER_ADDRESS: '5000',
  NUXT_LIMITS_FRAME_RATE: '100000',
  NUXT_LIMITS_FRAME_BURST: '100000',
  NUXT_LIMITS_CHAT_RATE: '100000',
  NUXT_LIMITS_CHAT_BURST: '100000',
  NUXT_LIMITS_SESSIONS_PER_MINUTE: '100000',
  NUXT_LIMITS_ROOMS_PER_MINUTE: '100000',
  NUXT_LIMITS_PERSON_MB_PER_DAY: '100000',
  NUXT_LIMITS_ADDRESS_MB_PER_DAY: '100000',
}

export interface ServerOptions {
  /** Variables for the server, on top of everything else. */
  env?: Record<string, string>
  /**
   * `roomy` takes the limits out of the way; `default` leaves the product's own.
   *
   * @default 'roomy'
   */
  limits?: 'roomy' | 'default'
  /** An existing data directory, which then is not removed. A fresh temporary one unless given. */
  dataDir?: string
}

/** A production server in a process of its own. */
export interface TestServer {
  /** For example `http://127.0.0.1:23017`. */
  readonly url: string
  /** The one WebSocket's address (CON-1). */
  readonly wsUrl: string
  readonly port: number
  readonly pid: number
  readonly dataDir: string
  /** Everything the server wrote to its two outputs, over all its restarts. */
  log: () => string
  /** Sends a signal and does not wait. */
  kill: (signal?: NodeJS.Signals) => void
  /** Resolves with the exit code, or the signal's name, once the process has gone. */
  exited: () => Promise<number | NodeJS.Signals>
  /** Kills what is left and starts again with the same data and port. Variables replace those of the start. */
  restart: (env?: Record<string, string>) => Promise<void>
  /** Ends the server and removes its data. */
  stop: () => Promise<void>
}

/**
 * Starts the production build on a free port and waits until it is ready.
 *
 * @throws with the server's log when it does not become healthy
 */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  if (!existsSync(SERVER_ENTRY)) throw new Error('there is no production build: run `npm test`, or `npm run build` first')
  const dataDir = options.dataDir ?? await mkdtemp(join(tmpdir(), 'lastra-e2e-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let env = { ...options.limits === 'default' ? {} : ROOMY, ...options.env }
  let log = ''
  let child: ChildProcess
  let exit: Promise<number | NodeJS.Signals>

  async function start(): Promise<void> {
    const own = spawn(process.execPath, [SERVER_ENTRY], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...serverEnvironment(dataDir, port), ...env },
    })
    child = own
    for (const stream of [own.stdout, own.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        log += text
      })
    }
    let gone = false
    exit = new Promise((resolve) => {
      own.once('close', (code, signal) => {
        gone = true
        resolve(signal ?? code ?? 0)
      })
    })
    await waitFor(async () => {
      if (gone) return true
      const response = await fetch(`${url}/api/health`)
      await response.arrayBuffer()
      return response.ok
    }, { timeout: 60_000, what: () => `a healthy server; its log:\n${log}` })
    if (gone) throw new Error(`the server ended at its start; its log:\n${log}`)
  }

  async function end(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await within(exit, 10_000, 'the server\'s end')
  }

  await start()
  return {
    url,
    wsUrl: `${url.replace('http', 'ws')}/api/chat.ws`,
    port,
    dataDir,
    get pid() {
      return child.pid ?? 0
    },
    log: () => log,
    kill: (signal = 'SIGTERM') => void child.kill(signal),
    exited: () => exit,
    restart: async (changes) => {
      await end()
      env = { ...env, ...changes }
      await start()
    },
    stop: async () => {
      await end()
      if (!options.dataDir) await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** What a server on a folder and a port is started with. */
export function serverEnvironment(dataDir: string, port: number): Record<string, string> {
  return { ...inherited(), NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port), NUXT_DATA_DIR: dataDir }
}

/** The test run's own variables without those that would configure the server. */
function inherited(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([name]) => !/^(NUXT_|NITRO_|VITEST|PORT$|HOST$)/.test(name))
  return Object.fromEntries(entries) as Record<string, string>
}

/** A port nobody listens on. Starts at a random one, so that suites side by side do not meet. */
export async function freePort(): Promise<number> {
  const offset = Math.floor(Math.random() * PORTS.count)
  for (let i = 0; i < PORTS.count; i++) {
    const port = PORTS.first + (offset + i) % PORTS.count
    if (await isFree(port)) return port
  }
  throw new Error('no free port')
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
