import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { migrate } from '../../server/db/dialects/sqlite/migrate'
import { SERVER_ENTRY, freePort, serverEnvironment, startServer } from '../support/server'
import { pause, waitFor, within } from '../support/wait'

/** Kills of each kind. `npm run kills` asks for many more. */
const KILLS = Number(process.env.KILLS ?? 6)
const SEED = Number(process.env.KILLS_SEED ?? 1)
/** Messages of the database that is upgraded: enough that its migrations take a good part of a second. */
const MESSAGES = 30_000
/** How long after its first file a server is killed at most. */
const WITHIN_MS = { start: 60, upgrade: 500 }

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6D2B79F5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Starts a server on a folder and kills it so long after it began to write there. @returns whether it lived so long */
async function killAfter(dataDir: string, ms: number, began: () => Promise<boolean> | boolean): Promise<boolean> {
  const child: ChildProcess = spawn(process.execPath, [SERVER_ENTRY], { stdio: 'ignore', env: serverEnvironment(dataDir, await freePort()) })
  const gone = new Promise<void>(resolve => child.once('close', () => resolve()))
  await waitFor(began, { interval: 1, timeout: 30_000, what: 'the first file' })
  await pause(ms)
  const alive = child.exitCode === null
  child.kill('SIGKILL')
  await within(gone, 10_000, 'the end of what was killed')
  return alive
}

/** A database of an earlier version, with a past. */
async function oldDatabase(file: string): Promise<void> {
  const sqlite = new SQLite(file)
  sqlite.pragma('journal_mode = WAL')
  sqlite.pragma('synchronous = OFF')
  await migrate(sqlite, '0005-timers')
  sqlite.exec(`insert into organisations values ('main', 'Lastra', '2026-01-01');
    insert into rooms (id, org_id, name, title, kind, epoch, head, created_by, created_at) values ('room', 'main', 'old', 'Old', 'room', 'e', ${MESSAGES}, 'ann', '2026-01-01')`)
  const message = sqlite.prepare(`insert into messages (id, room_id, seq, user_id, user_name, text, content_type, actor_type, format, metadata, state, created_at)
    values (?, 'room', ?, 'ann', 'Ann', ?, 'user', 'client', 'plain', '{}', 'live', '2026-01-01')`)
  const entry = sqlite.prepare(`insert into entries values ('room', ?, 'message.new', ?, 'ann', '{}', '2026-01-01')`)
  sqlite.transaction(() => {
    for (let n = 1; n <= MESSAGES; n++) {
      message.run(`m${n}`, n, `text number ${n} of an old room`)
      entry.run(n, `m${n}`)
    }
  })()
  sqlite.close()
}

function countOf(file: string): unknown {
  const sqlite = new SQLite(file, { readonly: true })
  try {
    return sqlite.prepare('select count(*), min(seq), max(seq) from log').raw().get()
  } finally {
    sqlite.close()
  }
}

test(`a server killed ${KILLS} times at a moment of its first start, and of an upgrade, starts again each time with all it had`, { timeout: 120_000 + KILLS * 15_000 }, async () => {
  const random = randomOf(SEED)
  const folder = await mkdtemp(join(tmpdir(), 'lastra-kills-'))
  const old = join(folder, 'old.db')
  await oldDatabase(old)
  const killed = { start: 0, upgrade: 0 }
  for (const kind of ['start', 'upgrade'] as const) {
    for (let n = 0; n < KILLS; n++) {
      const dataDir = join(folder, `${kind}-${n}`)
      const file = join(dataDir, 'lastra.db')
      if (kind === 'upgrade') await cp(old, file)
      const size = kind === 'upgrade' ? (await stat(file)).size : 0
      // An upgrade opens a large file: it has begun when there is a log beside it.
      const began = () => kind === 'start' ? existsSync(file) : existsSync(`${file}-wal`)
      const ms = random() * WITHIN_MS[kind]
      if (await killAfter(dataDir, ms, began)) killed[kind]++
      const server = await startServer({ dataDir })
      if (kind === 'upgrade') expect(countOf(file), `kill ${n} after ${ms} ms, a file of ${size} bytes`).toEqual([MESSAGES, 1, MESSAGES])
      await server.stop()
      await rm(dataDir, { recursive: true, force: true })
    }
  }
  console.log(`seed ${SEED}: killed ${killed.start} of ${KILLS} first starts and ${killed.upgrade} of ${KILLS} upgrades; every next start worked`)
  expect(Math.min(killed.start, killed.upgrade)).toBe(KILLS)
  await rm(folder, { recursive: true, force: true })
})
