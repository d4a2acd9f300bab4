import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectOver, TRANSPORTS } from '../../support/client'
import type { Client } from '../../support/client'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser, get, unique } from '../../support/session'
import type { Member } from '#shared/protocol/frames'

let server: TestServer
const IN_CALL = { in_call: true, mic: true, cam: false, screen: false, hand: true }

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

describe.each(TRANSPORTS)('over %s', (transport) => {
  const connect = connectOver(transport)

  async function pair(prefix: string): Promise<{ room: string, ann: Client, bob: Client, eve: Client }> {
    const room = unique(prefix)
    const ann = await connect(server, { userName: 'Ann' })
    const bob = await connect(server, { userName: 'Bob' })
    const eve = await connect(server, { userName: 'Eve' })
    for (const client of [ann, bob, eve]) await client.join(room)
    return { room, ann, bob, eve }
  }

  function mediaOf(members: readonly Member[], client: Client): unknown {
    return members.flatMap(member => member.peers).find(peer => peer.peer_id === client.peerId)?.media
  }

  test('[RTC-1] a signal reaches exactly its peer, as it was, in order, beside everything else', async () => {
    const { room, ann, bob, eve } = await pair('signals')
    for (let n = 0; n < 300; n++) {
      ann.send({ type: 'webrtc-signal', room, to: bob.peerId, signal: { n, candidate: `c${n}` } })
      if (n % 3 === 0) ann.send({ type: 'chat', room, text: `m${n}`, client_msg_id: `m${n}` })
      if (n % 10 === 0) ann.send({ type: 'typing', room, active: n % 20 === 0 })
      // The bucket of signals holds 200 and fills at 100 a second: let the first ones arrive.
      if (n % 100 === 99) await bob.next('webrtc-signal', frame => (frame.signal as { n: number }).n === n, 20_000)
      if (n === 149) await waitForBucket()
    }
    expect(bob.all('webrtc-signal').map(frame => frame.signal)).toEqual(Array.from({ length: 300 }, (_, n) => ({ n, candidate: `c${n}` })))
    expect(new Set(bob.all('webrtc-signal').map(frame => `${frame.room} ${frame.from}`))).toEqual(new Set([`${room} ${ann.peerId}`]))
    await eve.settle()
    expect([...eve.all('webrtc-signal'), ...ann.all('webrtc-signal')]).toEqual([])
    expect(ann.all('error')).toEqual([])

    async function waitForBucket(): Promise<void> {
      const from = performance.now()
      while (performance.now() - from < 1500) await ann.settle()
    }
  })

  test.each<[string, unknown]>([
    ['text', 'offer'], ['zero', 0], ['false', false], ['an array', [1, [2, null]]], ['an object with odd keys', { 'constructor': 1, 'a b': { '': 2 }, 'type': 'error', 'from': 'x' }],
  ])('[RTC-1] a signal is opaque: %s', async (_name, signal) => {
    const { room, ann, bob } = await pair('opaque')
    await ann.ack({ type: 'webrtc-signal', room, to: bob.peerId, signal })
    expect(await bob.next('webrtc-signal')).toEqual({ type: 'webrtc-signal', room, from: ann.peerId, signal })
  })

  test('[RTC-1] from cannot be forged', async () => {
    const { room, ann, bob, eve } = await pair('forged')
    await eve.ack({ type: 'webrtc-signal', room, to: bob.peerId, from: ann.peerId, signal: 'trust me' })
    expect((await bob.next('webrtc-signal')).from).toBe(eve.peerId)
  })

  test('[RTC-1] 48 KiB pass, more is refused', async () => {
    const { room, ann, bob } = await pair('large')
    const fitting = 'x'.repeat(48 * 1024 - 2)
    await ann.ack({ type: 'webrtc-signal', room, to: bob.peerId, signal: fitting })
    expect((await bob.next('webrtc-signal')).signal).toBe(fitting)
    expect(['too_large', 'bad_frame']).toContain((await ann.refused({ type: 'webrtc-signal', room, to: bob.peerId, signal: `${fitting}xxx` })).code)
  })

  test('[RTC-1] a peer that is unknown, elsewhere, or gone is peer_gone', async () => {
    const { room, ann, bob } = await pair('gone')
    const outsider = await connect(server)
    await outsider.join(unique('elsewhere'))
    for (const to of ['nobody', '__proto__', outsider.peerId]) {
      expect(await ann.refused({ type: 'webrtc-signal', room, to, signal: 1 }), to).toMatchObject({ code: 'peer_gone', room })
    }
    expect((await outsider.refused({ type: 'webrtc-signal', room, to: ann.peerId, signal: 1 })).code).toBe('peer_gone')
    await bob.ack({ type: 'leave', room })
    expect(await ann.refused({ type: 'webrtc-signal', room, to: bob.peerId, signal: 1 })).toMatchObject({ code: 'peer_gone' })
    await outsider.settle()
    await ann.settle()
    expect([...outsider.all('webrtc-signal'), ...ann.all('webrtc-signal')]).toEqual([])
  })

  test('[RTC-2] a media state is shown to all and kept for who comes later', async () => {
    const { room, ann, bob } = await pair('media')
    await ann.ack({ type: 'media-state', room, ...IN_CALL })
    const update = await bob.next('presence', frame => mediaOf([frame.member], ann) !== null && frame.member.userId === ann.userId)
    expect(update).toMatchObject({ room, event: 'update' })
    expect(mediaOf([update.member], ann)).toEqual(IN_CALL)
    await ann.ack({ type: 'media-state', room, ...IN_CALL, mic: false })
    await bob.next('presence', frame => (mediaOf([frame.member], ann) as { mic?: boolean } | null)?.mic === false)
    const late = await connect(server)
    expect(mediaOf((await late.join(room)).state.members, ann)).toEqual({ ...IN_CALL, mic: false })
  })

  test('[RTC-2] each tab has its own media state', async () => {
    const room = unique('two-tabs')
    const user = await createUser(server, 'Ann')
    const call = await connect(server, { user })
    const chat = await connect(server, { user })
    await call.join(room)
    await chat.join(room)
    await call.ack({ type: 'media-state', room, ...IN_CALL })
    const { state } = await chat.join(room)
    expect(mediaOf(state.members, call)).toEqual(IN_CALL)
    expect(mediaOf(state.members, chat)).toBeNull()
  })

  test('[RTC-2] a media state survives a cut connection', async () => {
    const room = unique('cut')
    const bob = await connect(server, { userName: 'Bob' })
    await bob.join(room)
    const user = await createUser(server, 'Ann')
    const peerKey = crypto.randomUUID()
    const ann = await connect(server, { user, peerKey })
    await ann.join(room)
    await ann.ack({ type: 'media-state', room, ...IN_CALL })
    ann.cut()
    await ann.closed
    const again = await connect(server, { user, peerKey })
    const { state } = await again.join(room)
    expect(mediaOf(state.members, again)).toEqual(IN_CALL)
    expect(mediaOf((await bob.join(room)).state.members, again)).toEqual(IN_CALL)
  })
})

test('[RTC-3] ICE servers are for those who are signed in, and an empty list where none is set', async () => {
  expect((await get(server, '/api/ice-servers')).status).toBe(401)
  const user = await createUser(server)
  const { status, body, headers } = await get(server, '/api/ice-servers', user)
  expect(status).toBe(200)
  expect(body).toEqual({ iceServers: [], ttl_s: expect.any(Number) })
  expect(headers.get('cache-control') ?? '').toMatch(/no-store|private|no-cache/)
})

test('[RTC-3] TURN credentials are the user\'s, for a limited time, signed with HMAC-SHA1', async () => {
  await server.restart({
    NUXT_TURN_URLS: 'turn:turn.example.org:3478?transport=udp,turn:turn.example.org:3478?transport=tcp',
    NUXT_TURN_SECRET: 'turn-secret',
    NUXT_TURN_TTL_S: '600',
    NUXT_STUN_URLS: 'stun:stun.example.org:3478',
  })
  const user = await createUser(server)
  const { body } = await get(server, '/api/ice-servers', user)
  const { iceServers, ttl_s } = body as { iceServers: { urls: string | string[], username?: string, credential?: string }[], ttl_s: number }
  expect(ttl_s).toBe(600)
  expect(iceServers.flatMap(entry => entry.urls)).toEqual(expect.arrayContaining(['stun:stun.example.org:3478', 'turn:turn.example.org:3478?transport=udp', 'turn:turn.example.org:3478?transport=tcp']))
  const turn = iceServers.filter(entry => [entry.urls].flat().some(url => url.startsWith('turn')))
  expect(turn.length).toBeGreaterThan(0)
  for (const { username = '', credential } of turn) {
    const [expiry, id] = username.split(':')
    expect(id).toBe(user.id)
    expect(Math.abs(Number(expiry) - Date.now() / 1000 - 600)).toBeLessThan(30)
    expect(credential).toBe(createHmac('sha1', 'turn-secret').update(username).digest('base64'))
  }
  expect(JSON.stringify(body)).not.toContain('turn-secret')
  expect(iceServers.filter(entry => !turn.includes(entry)).every(entry => entry.credential === undefined)).toBe(true)
})
