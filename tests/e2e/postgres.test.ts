import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, connectOver, TRANSPORTS } from '../support/client'
import type { Client } from '../support/client'
import { startPostgres } from '../support/postgres'
import type { TestPostgres } from '../support/postgres'
import { startServer } from '../support/server'
import type { TestServer } from '../support/server'
import { createUser, get, unique } from '../support/session'
import type { TestUser } from '../support/session'
import { readStored } from '../support/stored-log'
import { waitFor } from '../support/wait'

let postgres: TestPostgres
let server: TestServer
const database = (): string => postgres.url('postgres')

beforeAll(async () => {
  postgres = await startPostgres()
  server = await startServer({ env: { NUXT_DATABASE_URL: database() } })
})
afterAll(async () => {
  await server.stop()
  await postgres.stop()
})

/** Says numbered texts one after the other, each again and again until it is acked, as the page does. */
function write(user: TestUser, room: string): { acked: string[], stop: () => Promise<void> } {
  const acked: string[] = []
  let running = true
  async function join(): Promise<Client> {
    const client = await connect(server, { user })
    await client.join(room)
    return client
  }
  async function loop(): Promise<void> {
    for (let client: Client | undefined; running;) {
      const n = acked.length
      try {
        client ??= await join()
        await client.chat(room, `text ${n}`, { client_msg_id: `id-${n}` })
        acked.push(`text ${n}`)
      } catch {
        client = undefined
        await new Promise(resolve => setTimeout(resolve, 50))
      }
    }
  }
  const looping = loop()
  return {
    acked,
    async stop() {
      running = false
      await looping
    },
  }
}

test.each(TRANSPORTS)('a room works on PostgreSQL over %s: said, edited, found, read again after a restart', async (transport) => {
  const room = unique('pg')
  const user = await createUser(server, 'Ann')
  const ann = await connectOver(transport)(server, { user })
  await ann.join(room)
  const { messageId } = await ann.chat(room, 'a rare heron')
  await ann.ack({ type: 'edit', room, messageId, text: 'a rare stork, 東京' })
  await ann.ack({ type: 'react', room, messageId, emoji: '👍', op: 'add' })
  await server.restart()
  const search = async (words: string) => ((await get(server, `/api/rooms/${room}/search?q=${encodeURIComponent(words)}`, user)).body as { messages: { messageId: string }[] }).messages
  expect((await search('stork')).map(found => found.messageId)).toEqual([messageId])
  expect((await search('東京')).map(found => found.messageId)).toEqual([messageId])
  expect(await search('heron')).toEqual([])
  const { entries } = await (await connectOver(transport)(server, { user })).join(room)
  expect(entries[0]).toMatchObject({ content: { text: 'a rare stork, 東京' }, reactions: { '👍': [user.id] } })
})

test('[LOG-2] nothing acked is lost and nothing doubled while server and database are killed in turn', { timeout: 120_000 }, async () => {
  const room = unique('killed')
  const user = await createUser(server, 'Writer')
  const work = write(user, room)
  for (let round = 0; round < 4; round++) {
    const before = work.acked.length
    await waitFor(() => work.acked.length > before + 20, { timeout: 20_000, what: 'acked messages' })
    if (round % 2 === 0) {
      server.kill('SIGKILL')
      await server.restart()
    } else {
      await postgres.kill('SIGQUIT')
      await waitFor(async () => (await get(server, '/api/health')).status === 503, { what: 'a server that says that it cannot store' })
      await postgres.start()
      await waitFor(async () => (await get(server, '/api/health')).status === 200, { what: 'a server that is well again' })
    }
  }
  await work.stop()
  const log = (await readStored(database())).get(room)
  expect(log?.messages.map(({ text }) => text)).toEqual(work.acked)
  expect(log?.entries.map(({ seq }) => seq)).toEqual(Array.from({ length: log?.head ?? 0 }, (_, n) => n + 1))
  expect(server.log()).not.toContain('lastra@')
})

test('a folder moves to PostgreSQL by README\'s command: same rooms, same people signed in, the next message follows', async () => {
  const room = unique('moved')
  const dataDir = mkdtempSync(join(tmpdir(), 'lastra-moved-'))
  const embedded = await startServer({ dataDir })
  const user = await createUser(embedded, 'Ann')
  const before = await connect(embedded, { user })
  await before.join(room)
  await before.chat(room, 'said on SQLite', { client_msg_id: 'first' })
  await embedded.stop()
  await postgres.run('create database moved')
  const move = () => promisify(execFile)(process.execPath, ['scripts/migrate-to-postgres.mjs', '--from', dataDir, '--to', postgres.url('moved')])
  expect((await move()).stdout).toContain('the transcripts of all 1 rooms are equal')
  await expect(move()).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('nothing was moved: the database is not empty') })
  const moved = await startServer({ env: { NUXT_DATABASE_URL: postgres.url('moved') } })
  const ann = await connect(moved, { user })
  expect((await ann.join(room)).entries).toMatchObject([{ seq: 1, content: { text: 'said on SQLite' } }])
  expect(await ann.chat(room, 'said on SQLite', { client_msg_id: 'first' })).toMatchObject({ seq: 1, duplicate: true })
  expect(await ann.chat(room, 'said on PostgreSQL')).toMatchObject({ seq: 2 })
  await moved.stop()
  rmSync(dataDir, { recursive: true })
})
