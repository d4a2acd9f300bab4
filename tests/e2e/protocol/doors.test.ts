import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectOver, TRANSPORTS } from '../../support/client'
import type { Client } from '../../support/client'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser, unique } from '../../support/session'
import type { TestUser } from '../../support/session'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

describe.each(TRANSPORTS)('over %s', (transport) => {
  const connect = connectOver(transport)

  async function scene(prefix: string): Promise<{ room: string, host: Client, outside: Client, user: TestUser }> {
    const room = unique(prefix)
    const host = await connect(server, { userName: 'Host' })
    const user = await createUser(server, 'Newcomer')
    const outside = await connect(server, { user })
    await host.join(room)
    await host.ack({ type: 'room-update', room, locked: true })
    return { room, host, outside, user }
  }

  test('[ACC-5] [FRM-4] who is let in at a locked room joins it, and the log says so', async () => {
    const { room, host, outside, user } = await scene('knock')
    expect(await outside.refused({ type: 'join', room })).toMatchObject({ code: 'forbidden', reason: 'locked' })
    expect(await outside.ack({ type: 'knock', room })).toMatchObject({ room })
    const knock = await host.next('knock')
    expect(knock).toEqual({ type: 'knock', room, userId: user.id, userName: 'Newcomer' })
    await outside.ack({ type: 'knock', room })
    await host.ack({ type: 'knock-answer', room, userId: user.id, admit: true })
    expect(await outside.next('knock.answered')).toEqual({ type: 'knock.answered', room, admitted: true })
    expect(await host.next('knock.answered')).toEqual({ type: 'knock.answered', room, admitted: true, userId: user.id })
    expect(await host.next('room.updated', frame => frame.member !== undefined)).toMatchObject({ userId: host.userId, member: { userId: user.id, name: 'Newcomer', removed: false } })
    expect((await outside.join(room)).state.you.role).toBe('member')
    expect(host.all('knock'), 'once, however often one knocks').toHaveLength(1)
    expect(await host.refused({ type: 'knock-answer', room, userId: user.id, admit: true })).toMatchObject({ code: 'not_found' })
  })

  test('[ACC-5] who is turned away hears it, stays outside, and is not heard again at once', async () => {
    const { room, host, outside, user } = await scene('away')
    await outside.ack({ type: 'knock', room })
    await host.ack({ type: 'knock-answer', room, userId: user.id, admit: false })
    expect(await outside.next('knock.answered')).toMatchObject({ room, admitted: false })
    expect(await outside.refused({ type: 'join', room })).toMatchObject({ code: 'forbidden', reason: 'locked' })
    const again = await outside.refused({ type: 'knock', room })
    expect(again).toMatchObject({ code: 'rate_limited' })
    expect(again.retry_after_ms).toBeGreaterThan(20_000)
  })

  test('[ACC-5] [RES-9] who leaves the door takes the knock back', async () => {
    const { room, host, outside, user } = await scene('withdrawn')
    await outside.ack({ type: 'knock', room })
    await host.next('knock')
    await outside.ack({ type: 'leave', room })
    expect(await host.next('knock.answered')).toMatchObject({ userId: user.id, admitted: false })
    expect(await host.refused({ type: 'knock-answer', room, userId: user.id, admit: true })).toMatchObject({ code: 'not_found' })
  })

  test('[ACC-5] moderators who come later hear who knocks, members never do, and unlocking lets everybody in', async () => {
    const { room, host, outside, user } = await scene('later')
    const guest = await createUser(server, 'Member')
    await host.ack({ type: 'room-update', room, locked: false })
    const member = await connect(server, { user: guest })
    await member.join(room)
    await host.ack({ type: 'room-update', room, locked: true })
    await host.ack({ type: 'leave', room })
    await outside.ack({ type: 'knock', room })
    await host.join(room)
    expect(await host.next('knock')).toMatchObject({ room, userId: user.id })
    expect(await member.refused({ type: 'knock-answer', room, userId: user.id, admit: true })).toMatchObject({ code: 'forbidden' })
    await host.ack({ type: 'room-update', room, locked: false })
    expect(await outside.next('knock.answered')).toMatchObject({ room, admitted: true })
    await outside.join(room)
    expect(member.all('knock')).toEqual([])
  })

  test('[ACC-5] a knock is for who may not come in: not for members, open rooms, rooms there are not, and those removed', async () => {
    const { room, host, outside, user } = await scene('not')
    expect(await host.refused({ type: 'knock', room })).toMatchObject({ code: 'conflict' })
    expect(await outside.refused({ type: 'knock', room: unique('none') })).toMatchObject({ code: 'not_found' })
    await host.ack({ type: 'room-update', room, locked: false })
    expect(await outside.refused({ type: 'knock', room })).toMatchObject({ code: 'conflict' })
    await outside.join(room)
    await host.ack({ type: 'room-update', room, locked: true })
    await host.ack({ type: 'member-update', room, userId: user.id, removed: true })
    expect(await outside.next('error', frame => frame.room === room && frame.reason === 'removed')).toMatchObject({ code: 'forbidden' })
    expect(await outside.refused({ type: 'knock', room })).toMatchObject({ code: 'forbidden', reason: 'removed' })
  })

  test('[ACC-5] [LOG-7] moderators see who was removed, and who is let back in is told and comes back', async () => {
    const { room, host, outside, user } = await scene('back')
    await host.ack({ type: 'room-update', room, locked: false })
    await outside.join(room)
    await host.ack({ type: 'member-update', room, userId: user.id, removed: true })
    expect((await host.join(room)).state.removed).toEqual([{ userId: user.id, name: 'Newcomer' }])
    await host.ack({ type: 'member-update', room, userId: user.id, removed: false })
    expect(await outside.next('knock.answered')).toMatchObject({ room, admitted: true })
    expect((await outside.join(room)).state.removed).toBeUndefined()
    expect((await host.join(room)).state.removed).toBeUndefined()
  })
})

test('[SYS-1] [RES-8] who joined, locked and removed is told the same live, at a join, and among the messages of a page', async () => {
  const room = unique('lines')
  const connect = connectOver('websocket')
  const owner = await createUser(server, 'Host')
  const host = await connect(server, { user: owner })
  await host.join(room)
  const user = await createUser(server, 'Member')
  const member = await connect(server, { user })
  await member.join(room)
  const joined = (await host.next('room.line')).line
  expect(joined).toMatchObject({ kind: 'joined', userId: user.id, name: 'Member' })
  await host.chat(room, 'one')
  await host.ack({ type: 'room-update', room, locked: true })
  await host.ack({ type: 'member-update', room, userId: user.id, removed: true })
  await host.chat(room, 'two')
  const kinds = ['joined', 'locked', 'removed']
  const { lines } = (await host.join(room)).state
  expect(lines.map(({ kind }) => kind)).toEqual(kinds)
  expect(lines[1]).toMatchObject({ kind: 'locked', seq: 2, userId: host.userId, name: 'Host' })
  expect(lines[2]).toMatchObject({ kind: 'removed', seq: 3, userId: user.id, name: 'Member' })
  const page = async (query: string) => {
    const response = await fetch(`${server.url}/api/rooms/${room}/messages?${query}`, { headers: { authorization: `Bearer ${owner.token}` } })
    return await response.json() as { lines?: { kind: string }[] }
  }
  expect(((await page('limit=10')).lines ?? []).map(({ kind }) => kind)).toEqual(kinds)
  expect(((await page('limit=10&before_seq=4')).lines ?? []).map(({ kind }) => kind)).toEqual(kinds)
  expect(((await page('limit=1')).lines ?? []).map(({ kind }) => kind), 'those since the oldest message of the page').toEqual([])
  await host.ack({ type: 'clear', room })
  expect((await host.join(room)).state.lines.map(({ kind }) => kind)).toEqual(['cleared'])
  // Coming back is no news.
  await host.ack({ type: 'member-update', room, userId: user.id, removed: false })
  await member.join(room)
  expect(host.all('room.line')).toHaveLength(1)
})
