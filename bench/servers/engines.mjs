import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../scripts/programs.mjs'

/** Why PostgreSQL and Redis cannot be had here; undefined where they can. */
export function missingEngines() {
  const absent = ['postgres', 'redis-server'].filter(name => !findProgram(name))
  return absent.length === 0 ? undefined : `${absent.join(' and ')} not installed`
}

/** @returns {Promise<number>} a port nobody listens on */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** PostgreSQL refuses to be run by root; Debian makes a user for it. */
function postgresUser() {
  if (process.getuid?.() !== 0) return {}
  const id = flag => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

async function listens(port) {
  for (const end = performance.now() + 20_000; performance.now() < end;) {
    const open = await new Promise((resolve) => {
      const socket = createConnection(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (open) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error(`nobody listens on ${port}`)
}

/**
 * Starts a PostgreSQL and a Redis of the bench's own, as they come: PostgreSQL waits for its disk at every commit.
 *
 * @returns {Promise<{ databaseUrl: string, redisUrl: string, stop: () => void }>}
 */
export async function startEngines() {
  const folder = mkdtempSync(join(tmpdir(), 'lastra-engines-'))
  const user = postgresUser()
  chmodSync(folder, 0o700)
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  execFileSync(/** @type {string} */ (findProgram('initdb')), ['-D', data, '-U', 'lastra', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8'], { ...user, cwd: folder, stdio: 'ignore' })
  const [postgres, redis] = [await freePort(), await freePort()]
  const children = [
    spawn(/** @type {string} */ (findProgram('postgres')), ['-D', data, '-p', String(postgres), '-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`], { ...user, cwd: folder, stdio: 'ignore' }),
    spawn(/** @type {string} */ (findProgram('redis-server')), ['--port', String(redis), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], { stdio: 'ignore' }),
  ]
  await Promise.all([postgres, redis].map(listens))
  return {
    databaseUrl: `postgres://lastra@127.0.0.1:${postgres}/postgres`,
    redisUrl: `redis://127.0.0.1:${redis}`,
    stop() {
      children[0].kill('SIGQUIT')
      children[1].kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
    },
  }
}
