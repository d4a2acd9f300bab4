import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createUsers } from '../../../../../../server/auth/users'
import { openDatabase } from '../../../../../../server/db/client'
import type { DatabaseHandle } from '../../../../../../server/db/client'
import { createRoomLog } from '../../../../../../server/log/room-log'
import type { RoomLog } from '../../../../../../server/log/types'
import { createRoomDirectory } from '../../../../../../server/rooms/directory'
import type { Fault } from '../../../../../../server/storage/guard'
import type { User } from '../../../../../../shared/protocol/frames'
import { startPostgres } from '../../../../../support/postgres'
import type { TestPostgres } from '../../../../../support/postgres'
import { waitFor } from '../../../../../support/wait'

let postgres: TestPostgres
let handle: DatabaseHandle
let log: RoomLog
let ann: User
let roomId: string
let faults: (Fault | undefined)[]
const errors: unknown[] = []

/** Everything of these tests but the schema goes through here: what the server says can be kept back. */
const way = { sockets: new Set<Socket>(), keepsAnswers: false, port: 0, proxy: createServer() }

beforeEach(async () => {
  faults = []
  errors.length = 0
  postgres = await startPostgres()
  way.proxy = createServer((client) => {
    const upstream = connect(postgres.port, '127.0.0.1')
    for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
      from.on('data', chunk => from === upstream && way.keepsAnswers ? undefined : to.write(chunk))
      from.on('error', () => to.destroy()).on('close', () => to.destroy())
      way.sockets.add(from)
    }
  })
  await new Promise<void>(resolve => way.proxy.listen(0, '127.0.0.1', resolve))
  way.keepsAnswers = false
  way.port = (way.proxy.address() as AddressInfo).port
  handle = await openDatabase(`postgres://lastra@127.0.0.1:${way.port}/postgres`, { onFault: fault => faults.push(fault) })
  const users = await createUsers(handle.db, { operators: new Set(), admins: new Set() })
  ann = await users.createGuest('Ann')
  roomId = (await createRoomDirectory(handle.db, { creation: true }).admit('main', 'room', ann)).room.id
  log = createRoomLog(handle, { onError: error => errors.push(error) })
})
afterEach(async () => {
  await log.drained()
  await handle.close()
  for (const socket of way.sockets) socket.destroy()
  way.proxy.close()
  await postgres.stop()
})

const say = (text: string, clientMsgId?: string) => log.append(roomId, {
  type: 'message', userId: ann.id, userName: ann.name, clientMsgId, content: { text, type: 'user', actor_type: 'client', format: 'plain' },
})
const stored = async () => (await log.stored(roomId, 0, 100)).entries.map(entry => 'content' in entry ? entry.content?.text : entry.type)

it('[LOG-2] a database that crashes: nothing acked is lost, what cannot be stored is refused as unavailable, and it goes on by itself', async () => {
  await say('before')
  await postgres.kill('SIGQUIT')
  await expect(say('meanwhile')).rejects.toMatchObject({ code: 'unavailable', retryAfterMs: 1000 })
  expect(handle.fault()).toBe('unreachable')
  await expect(log.stored(roomId, 0, 1)).rejects.toMatchObject({ code: 'unavailable' })
  await postgres.start()
  await waitFor(async () => {
    await handle.probe()
    return handle.fault() === undefined
  }, { what: 'a database that is found again' })
  expect(faults).toEqual(['unreachable', undefined])
  await say('after')
  expect(await stored()).toEqual(['before', 'after'])
  expect(errors).toEqual([])
})

it('[LOG-4] an answer of the database that is lost on its way: the message is there once when it is sent again', async () => {
  await say('before')
  way.keepsAnswers = true
  const asked = say('sent twice', 'id')
  const refused = expect(asked).rejects.toMatchObject({ code: 'unavailable' })
  await waitFor(async () => {
    const other = await openDatabase(postgres.url('postgres'))
    const { head } = await other.db.selectFrom('rooms').select('head').where('id', '=', roomId).executeTakeFirstOrThrow()
    await other.close()
    return head === 2
  }, { what: 'the message, stored' })
  for (const socket of way.sockets) socket.destroy()
  await refused
  way.keepsAnswers = false
  expect(await say('sent twice', 'id')).toMatchObject({ seq: 2, duplicate: true })
  expect(await stored()).toEqual(['before', 'sent twice'])
  expect(errors).toEqual([])
})

it('a database that stands still: what is written waits, and is there once it goes on', async () => {
  await say('before')
  await log.newest(roomId, 10)
  postgres.freeze(true)
  const asked = ['one', 'two'].map(text => say(text))
  // Nobody else waits with them: what is in memory is answered.
  expect((await log.newest(roomId, 10)).entries).toHaveLength(1)
  postgres.freeze(false)
  expect((await Promise.all(asked)).map(({ seq }) => seq)).toEqual([2, 3])
  expect(await stored()).toEqual(['before', 'one', 'two'])
})

it('a server does not start without it, and says what it needs without telling the password', async () => {
  await postgres.kill('SIGQUIT')
  const opening = openDatabase(`postgres://lastra:secretword@127.0.0.1:${postgres.port}/chat`)
  const error: unknown = await opening.then(() => undefined, (failed: unknown) => failed)
  expect(error).toMatchObject({ name: 'CannotStart', message: expect.stringContaining(`postgres://127.0.0.1:${postgres.port}/chat cannot be used`) })
  expect(String(error)).not.toContain('secretword')
})
