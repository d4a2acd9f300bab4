import { afterEach, beforeEach, expect, it } from 'vitest'
import { createRoomDirectory } from '../../../../server/rooms/directory'
import { createTestDatabase } from '../../../support/database'

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(() => database.dispose())

it('lists one\'s own rooms and the listed ones, the latest spoken in first, and none one was removed from', async () => {
  const { db } = database.handle
  const [ann, bob] = [await database.addUser('Ann'), await database.addUser('Bob')]
  const rooms = createRoomDirectory(db, { creation: true })
  for (const name of ['quiet', 'spoken', 'closed', 'left']) await database.addRoom(name, name === 'closed' ? bob : ann)
  for (const name of ['open', 'mine-too']) {
    const { id } = await database.addRoom(name, name === 'open' ? bob : ann)
    await db.updateTable('rooms').set({ listed: 1 }).where('id', '=', id).execute()
  }
  await db.updateTable('rooms').set({ last_at: '2026-02-01T00:00:00.000Z' }).where('name', '=', 'open').execute()
  await db.updateTable('rooms').set({ last_at: '2026-03-01T00:00:00.000Z' }).where('name', '=', 'spoken').execute()
  const left = (await rooms.seek('main', 'left', ann))?.room
  await db.updateTable('room_members').set({ removed: 1 }).where('room_id', '=', left?.id ?? '').where('user_id', '=', ann.id).execute()

  const seen = await rooms.list('main', ann.id, 100)
  expect(seen.slice(0, 2).map(({ name }) => name)).toEqual(['spoken', 'open'])
  expect(seen.map(({ name }) => name).toSorted()).toEqual(['mine-too', 'open', 'quiet', 'spoken'])
  expect(seen.find(({ name }) => name === 'open')?.role).toBeNull()
  expect((await rooms.list('main', ann.id, 1)).map(({ name }) => name)).toEqual(['spoken'])
  expect((await rooms.list('main', undefined, 100)).map(({ name }) => name).toSorted()).toEqual(['mine-too', 'open'])
  expect(await rooms.list('elsewhere', ann.id, 100)).toEqual([])
})

it('[CON-6] new rooms are counted by their maker, and by the address they are made from: a new name there renews nothing', async () => {
  const rooms = createRoomDirectory(database.handle.db, { creation: true, perMinute: 2 })
  const made: string[] = []
  const make = async (name: string, user: Awaited<ReturnType<typeof database.addUser>>, address: string): Promise<void> => {
    made.push(await rooms.admit('main', name, user, address).then(() => 'made', (error: { code: string }) => error.code))
  }
  for (let n = 0; n < 5; n++) {
    const user = await database.addUser(`Maker ${n}`)
    for (let m = 0; m < 2; m++) await make(`room-${n}-${m}`, user, 'here')
    if (n === 0) await make('one-more', user, 'here')
  }
  expect(made).toEqual(['made', 'made', 'rate_limited', ...Array(6).fill('made'), 'rate_limited', 'rate_limited'])
  made.splice(0)
  await make('elsewhere', await database.addUser('Else'), 'there')
  await make('room-0-0', await database.addUser('Guest'), 'here')
  expect(made).toEqual(['made', 'made'])
})

it('rooms that are made all at once have each its maker as host, and one that two make has one', async () => {
  const rooms = createRoomDirectory(database.handle.db, { creation: true })
  const [ann, bob] = [await database.addUser('Ann'), await database.addUser('Bob')]
  const names = Array.from({ length: 20 }, (_, n) => `room-${n}`)
  const [ofAnn, ofBob] = await Promise.all([ann, bob].map(user => Promise.all(names.map((name, n) => rooms.admit('main', user === ann || n < 5 ? name : `${name}-b`, user)))))
  expect(ofAnn!.map(({ room }) => room.name)).toEqual(names)
  for (const n of names.keys()) {
    const [hers, his] = [ofAnn![n]!, ofBob![n]!]
    expect(hers.room.id === his.room.id).toBe(n < 5)
    expect([hers.membership.role, his.membership.role].toSorted()).toEqual(n < 5 ? ['host', 'member'] : ['host', 'host'])
  }
  expect(await database.handle.db.selectFrom('rooms').select('id').execute()).toHaveLength(35)
})
