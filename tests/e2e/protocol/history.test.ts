import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../support/client'
import type { Client } from '../../support/client'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser, get, unique } from '../../support/session'
import type { TestUser } from '../../support/session'
import type { Message } from '#shared/protocol/frames'

let server: TestServer
let user: TestUser
let host: Client
const room = 'long-room'
const COUNT = 600

beforeAll(async () => {
  server = await startServer()
  user = await createUser(server, 'Reader')
  host = await connect(server, { user })
  await host.join(room)
  await Promise.all(Array.from({ length: COUNT }, (_, n) => host.chat(room, `m${n + 1}`)))
})
afterAll(() => server.stop())

async function page(query: string): Promise<{ messages: Message[], more: boolean }> {
  const { status, body } = await get(server, `/api/rooms/${room}/messages?${query}`, user)
  expect(status).toBe(200)
  return body as { messages: Message[], more: boolean }
}

const down = (from: number, count: number): number[] => Array.from({ length: count }, (_, n) => from - n)

test('[RES-8] older messages come newest first, without a gap or a double, to the very first', async () => {
  const seen: number[] = []
  let before = COUNT + 1
  for (;;) {
    const { messages, more } = await page(`before_seq=${before}&limit=256`)
    seen.push(...messages.map(message => message.seq))
    expect(messages.length).toBeLessThanOrEqual(256)
    if (!more) break
    before = messages.at(-1)?.seq ?? 0
  }
  expect(seen).toEqual(down(COUNT, COUNT))
})

test('[RES-8] limit and before_seq are kept exactly', async () => {
  expect((await page('before_seq=11&limit=3'))).toMatchObject({ messages: [{ seq: 10, content: { text: 'm10' } }, { seq: 9 }, { seq: 8 }], more: true })
  expect((await page('before_seq=4&limit=3'))).toMatchObject({ messages: [{ seq: 3 }, { seq: 2 }, { seq: 1 }], more: false })
  expect(await page('before_seq=1&limit=3')).toEqual({ messages: [], more: false })
  const newest = await page('limit=2')
  expect(newest.messages.map(message => message.seq)).toEqual([COUNT, COUNT - 1])
})

test('[RES-8] other entries between messages do not appear, nor shorten a page', async () => {
  const other = unique('mixed')
  await host.join(other)
  const first = await host.chat(other, 'first')
  for (let n = 0; n < 10; n++) await host.ack({ type: 'edit', room: other, messageId: first.messageId, text: `edit ${n}` })
  await host.chat(other, 'second')
  await host.chat(other, 'third')
  const { body } = await get(server, `/api/rooms/${other}/messages?before_seq=13&limit=2`, user)
  expect(body).toMatchObject({ messages: [{ seq: 12, content: { text: 'second' } }, { seq: 1, content: { text: 'edit 9' } }], more: false })
})

test.each([
  'messages?limit=257', 'messages?limit=0', 'messages?limit=-1', 'messages?limit=x', 'messages?limit=1e9', 'messages?before_seq=x', 'messages?before_seq=-1', 'messages?before_seq=1.5',
  'messages?limit=2&limit=3', 'messages?before_seq[]=1',
  'log?limit=501', 'log?limit=0', 'log?from_seq=-1', 'log?from_seq=x', 'log?from_seq=1e400', 'log?from_seq=99999999999999999999', 'log?from_seq[toString]=1',
])('[RES-5] [RES-8] %s is refused or bounded, never a failure', async (path) => {
  const { status, body } = await get(server, `/api/rooms/${room}/${path}`, user)
  expect([200, 400]).toContain(status)
  if (status === 200) {
    const list = (body as { messages?: unknown[], entries?: unknown[] }).messages ?? (body as { entries: unknown[] }).entries
    expect(list.length).toBeLessThanOrEqual(path.startsWith('log') ? 500 : 256)
  }
})

test('[RES-8] the log and the history answer only who may read the room', async () => {
  const stranger = await createUser(server, 'Stranger')
  for (const path of ['log?from_seq=0', 'messages?limit=5', 'search?q=m1']) {
    const nobody = await get(server, `/api/rooms/${room}/${path}`)
    expect(nobody.status, path).toBe(401)
    expect(JSON.stringify(nobody.body)).not.toContain('m1')
    const forbidden = await get(server, `/api/rooms/${room}/${path}`, stranger)
    expect(forbidden.status, path).toBe(403)
    expect(JSON.stringify(forbidden.body)).not.toContain('"m1')
    expect((await get(server, `/api/rooms/${unique('none')}/${path}`, user)).status, path).toBe(404)
    expect([400, 404]).toContain((await get(server, `/api/rooms/Not%20A%20Room/${path}`, user)).status)
  }
  const visitor = await connect(server, { user: stranger })
  await visitor.join(room)
  expect((await get(server, `/api/rooms/${room}/log?from_seq=598`, stranger)).body).toMatchObject({ entries: [{ seq: 599 }, { seq: 600 }], head: 600 })
})

test('[RES-8] a member who was removed reads no more', async () => {
  const other = unique('removed')
  await host.join(other)
  await host.chat(other, 'confidential')
  const guest = await createUser(server, 'Guest')
  const client = await connect(server, { user: guest })
  await client.join(other)
  expect((await get(server, `/api/rooms/${other}/messages?limit=5`, guest)).status).toBe(200)
  await host.ack({ type: 'member-update', room: other, userId: guest.id, removed: true })
  expect((await get(server, `/api/rooms/${other}/messages?limit=5`, guest)).status).toBe(403)
  expect((await get(server, `/api/rooms/${other}/log?from_seq=0`, guest)).status).toBe(403)
  expect(await client.refused({ type: 'join', room: other })).toMatchObject({ code: 'forbidden' })
  await host.chat(other, 'among ourselves')
  await host.settle()
  await client.settle()
  expect(client.all('message.new', frame => frame.content.text === 'among ourselves')).toEqual([])
})

test('[CON-2] HTTP requests are authenticated by the cookie or the bearer token, and by nothing else', async () => {
  const withCookie = await fetch(`${server.url}/api/rooms/${room}/log?from_seq=599`, { headers: { cookie: user.cookie } })
  expect(withCookie.status).toBe(200)
  const impostors: Record<string, string>[] = [{ authorization: 'Bearer rubbish' }, { authorization: `Basic ${user.token}` }, { 'x-user-id': user.id }]
  for (const headers of impostors) {
    const response = await fetch(`${server.url}/api/rooms/${room}/log?from_seq=599`, { headers })
    expect(response.status).toBe(401)
  }
  expect((await fetch(`${server.url}/api/rooms/${room}/log?from_seq=599&token=${user.token}&userId=${user.id}`)).status).toBe(401)
})
