import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { freePort } from './server'
import { waitFor } from './wait'

/** A PostgreSQL of a test's own, on loopback. */
export interface TestPostgres {
  readonly port: number
  /** The address of a database there. */
  url: (database: string) => string
  /** Runs a statement in the database that is there from the start. */
  run: (sql: string) => Promise<void>
  /** Sends the main process a signal, and waits for its end: SIGQUIT is a crash with all who are connected. */
  kill: (signal: NodeJS.Signals) => Promise<void>
  /** Stops all its processes where they are, or lets them go on. */
  freeze: (frozen: boolean) => void
  start: () => Promise<void>
  /** Ends it and removes what it wrote. */
  stop: () => Promise<void>
}

/** Who runs it: it refuses to be root, and Debian makes a user for it. */
function runner(): { uid?: number, gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/** Debian keeps its programs out of the search path, a folder for each version. */
function program(name: string): string {
  const versions = '/usr/lib/postgresql'
  const newest = readdirSync(versions).sort((a, b) => Number(a) - Number(b)).at(-1) ?? ''
  return join(versions, newest, 'bin', name)
}

/**
 * @param durable whether it waits for its disk, as a real one does; where only its answers count, that takes long for nothing
 */
export async function startPostgres({ durable = true }: { durable?: boolean } = {}): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'lastra-postgres-'))
  const user = runner()
  chmodSync(folder, 0o700)
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  execFileSync(program('initdb'), ['-D', data, '-U', 'lastra', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8'], { ...user, cwd: folder, stdio: 'ignore' })
  const port = await freePort()
  const url = (database: string): string => `postgres://lastra@127.0.0.1:${port}/${database}`
  let child: ChildProcess | undefined

  async function run(sql: string): Promise<void> {
    const client = new Client({ connectionString: url('postgres') })
    await client.connect()
    await client.query(sql).finally(() => client.end())
  }

  async function kill(signal: NodeJS.Signals): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise(resolve => child?.once('exit', resolve))
    child.kill(signal)
    await gone
  }

  async function start(): Promise<void> {
    const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: folder, max_connections: '200', ...(!durable && { fsync: 'off', full_page_writes: 'off' }) }
    child = spawn(program('postgres'), ['-D', data, '-p', String(port), ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])], { ...user, cwd: folder, stdio: 'ignore' })
    await waitFor(() => run('select 1').then(() => true, () => false), { what: 'a PostgreSQL that answers' })
  }

  await start()
  return {
    port,
    url,
    run,
    kill,
    freeze(frozen) {
      const main = String(child?.pid)
      // Each of those that serve connections is a group of its own.
      const children = readFileSync(`/proc/${main}/task/${main}/children`, 'utf8').trim().split(' ')
      for (const pid of [main, ...children]) process.kill(Number(pid), frozen ? 'SIGSTOP' : 'SIGCONT')
    },
    start,
    async stop() {
      // At once, with all who are connected.
      await kill('SIGQUIT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
