import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadSharedSecrets } from '../../../../../../server/auth/secrets'
import { createUsers } from '../../../../../../server/auth/users'
import { openDatabase } from '../../../../../../server/db/client'
import type { DatabaseHandle } from '../../../../../../server/db/client'
import { compareTranscripts, moveToPostgres } from '../../../../../../server/db/move'
import { createRoomLog } from '../../../../../../server/log/room-log'
import type { RoomLog } from '../../../../../../server/log/types'
import { createRoomDirectory } from '../../../../../../server/rooms/directory'
import type { User } from '../../../../../../shared/protocol/frames'
import { createTestDatabase } from '../../../../../support/database'
import type { TestDatabase } from '../../../../../support/database'

const SECRETS = { tokenSecret: 't'.repeat(43), peerSecret: 'p'.repeat(43) }

let folder: string
let from: DatabaseHandle
let to: TestDatabase
let ann: User
let log: RoomLog

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lastra-move-'))
  from = await openDatabase(join(folder, 'lastra.db'))
  to = await createTestDatabase()
  await to.handle.db.deleteFrom('organisations').execute()
  ann = await (await createUsers(from.db, { operators: new Set(), admins: new Set() })).createGuest('Ann')
  log = createRoomLog(from)
})
afterEach(async () => {
  await log.drained()
  await from.close()
  await to.dispose()
  rmSync(folder, { recursive: true })
})

const say = (roomId: string, text: string, clientMsgId?: string) => log.append(roomId, {
  type: 'message', userId: ann.id, userName: ann.name, clientMsgId, content: { text, type: 'user', actor_type: 'client', format: 'markdown' },
})

/** Rooms with everything that can be in them: edits, deletions, reactions, switches, a clear, and more than one page. */
async function fill(): Promise<string[]> {
  const rooms = createRoomDirectory(from.db, { creation: true })
  const ids: string[] = []
  for (const name of ['busy', 'cleared', 'empty', 'long']) ids.push((await rooms.admit('main', name, ann)).room.id)
  const [busy = '', cleared = '', , long = ''] = ids
  const first = await say(busy, 'a rare heron', 'id-1')
  const second = await say(busy, 'with \0 in it')
  await log.append(busy, { type: 'edit', userId: ann.id, moderator: false, messageId: first.messageId ?? '', text: 'a rare stork' })
  await log.append(busy, { type: 'reaction', userId: ann.id, messageId: first.messageId ?? '', emoji: '👍', op: 'add' })
  await log.append(busy, { type: 'delete', userId: ann.id, moderator: false, messageId: (await say(busy, 'secretword')).messageId ?? '' })
  await log.append(busy, { type: 'bot', userId: ann.id, userName: ann.name, bot: 'host', enabled: true })
  expect(second.seq).toBe(2)
  for (const text of ['one', 'two']) await say(cleared, text)
  await log.append(cleared, { type: 'clear', userId: ann.id })
  await say(cleared, 'after')
  await Promise.all(Array.from({ length: 1_234 }, (_, n) => say(long, `message ${n}`)))
  await log.erased()
  return ids
}

it('moves every room with all that is in it, its people and its secrets, and the log goes on where it was', async () => {
  const [busy = ''] = await fill()
  const copied = await moveToPostgres(from, to.handle, SECRETS)
  expect(copied.find(({ table }) => table === 'messages')?.rows).toBe(3 + 3 + 1_234)
  expect(await compareTranscripts(from, to.handle)).toEqual({ rooms: 4, different: [] })
  expect(await loadSharedSecrets(to.handle.db)).toEqual(SECRETS)
  const moved = createRoomLog(to.handle)
  expect((await moved.search(busy, 'stork', 10)).map(({ seq }) => seq)).toEqual([1])
  expect(await moved.search(busy, 'heron', 10)).toEqual([])
  const again = { type: 'message' as const, userId: ann.id, userName: ann.name, clientMsgId: 'id-1', content: { text: 'a rare heron', type: 'user' as const, actor_type: 'client' as const, format: 'markdown' as const } }
  expect(await moved.append(busy, again)).toMatchObject({ seq: 1, duplicate: true })
  expect(await moved.append(busy, { ...again, clientMsgId: 'id-2' })).toMatchObject({ seq: 8 })
  expect(await to.raw()).not.toContain('secretword')
})

it('names the rooms whose transcripts are not equal', async () => {
  const [busy = ''] = await fill()
  await moveToPostgres(from, to.handle, SECRETS)
  await to.handle.db.updateTable('messages').set({ text: 'something else' }).where('room_id', '=', busy).where('seq', '=', 1).execute()
  expect(await compareTranscripts(from, to.handle)).toEqual({ rooms: 4, different: ['busy'] })
})

it('moves nothing into a database that somebody uses, and leaves that as it was', async () => {
  await fill()
  await createUsers(to.handle.db, { operators: new Set(), admins: new Set() })
  await to.addUser('Bob')
  await expect(moveToPostgres(from, to.handle, SECRETS)).rejects.toThrow('not empty')
  expect(await to.handle.db.selectFrom('users').select('name').execute()).toEqual([{ name: 'Bob' }])
})
