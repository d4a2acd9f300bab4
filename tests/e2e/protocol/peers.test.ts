import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectOver, open, Refused, TRANSPORTS } from '../../support/client'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser, unique } from '../../support/session'

let server: TestServer
const key = (): string => crypto.randomUUID()

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

describe.each(TRANSPORTS)('over %s', (transport) => {
  const connect = connectOver(transport)

  test('[CON-8] a tab is the same peer after a reconnect, by query and by auth', async () => {
    const user = await createUser(server)
    const peerKey = key()
    const first = await connect(server, { user, peerKey })
    await first.close()
    const again = await connect(server, { user, peerKey })
    expect(again.peerId).toBe(first.peerId)
    expect(again.established.connection_id).not.toBe(first.established.connection_id)
    await again.close()
    const byAuth = await open(server)
    byAuth.send({ type: 'auth', token: user.token, peer_key: peerKey })
    expect((await byAuth.next('connection.established')).peer_id).toBe(first.peerId)
  })

  test('[CON-8] a peer survives a restart of the server', async () => {
    const user = await createUser(server)
    const peerKey = key()
    const before = await connect(server, { user, peerKey })
    await server.restart()
    const after = await connect(server, { user, peerKey })
    expect(after.peerId).toBe(before.peerId)
  })

  test('[CON-8] another key is another peer, and another user cannot claim it', async () => {
    const ann = await createUser(server, 'Ann')
    const eve = await createUser(server, 'Eve')
    const peerKey = key()
    const tab = await connect(server, { user: ann, peerKey })
    expect((await connect(server, { user: ann, peerKey: key() })).peerId).not.toBe(tab.peerId)
    expect((await connect(server, { user: eve, peerKey })).peerId).not.toBe(tab.peerId)
    expect((await connect(server, { user: eve, peerKey: tab.peerId })).peerId).not.toBe(tab.peerId)
    expect(tab.peerId).not.toContain(peerKey)
  })

  test('[CON-8] without a key every connection is a peer of its own', async () => {
    const user = await createUser(server)
    const one = await connect(server, { user })
    const two = await connect(server, { user })
    expect(one.peerId).not.toBe(two.peerId)
  })

  test('[CON-8] a key under 16 characters is refused', async () => {
    const user = await createUser(server)
    const result = await open(server, { user, peerKey: 'short' }).catch((error: unknown) => error)
    if (result instanceof Refused) expect(result.status).toBe(400)
    else expect(result).toBeUndefined()
    const client = await open(server)
    expect(await client.refused({ type: 'auth', token: user.token, peer_key: 'fifteen-chars-x' })).toMatchObject({ code: 'bad_frame', message: expect.stringContaining('peer_key') })
    client.send({ type: 'auth', token: user.token, peer_key: 'sixteen-chars-xy' })
    await client.next('connection.established')
  })

  test('[CON-8] while two connections hold a peer, room frames go to both and signals to the newer', async () => {
    const user = await createUser(server, 'Ann')
    const peerKey = key()
    const room = unique('twin')
    const older = await connect(server, { user, peerKey })
    await older.join(room)
    const newer = await connect(server, { user, peerKey })
    const bob = await connect(server, { userName: 'Bob' })
    await newer.join(room)
    await bob.join(room)
    await bob.chat(room, 'to both')
    await bob.ack({ type: 'webrtc-signal', room, to: newer.peerId, signal: { n: 1 } })
    expect(await newer.next('webrtc-signal')).toMatchObject({ from: bob.peerId, signal: { n: 1 } })
    await older.next('message.new', frame => frame.content.text === 'to both')
    await newer.next('message.new', frame => frame.content.text === 'to both')
    await older.settle()
    expect(older.all('webrtc-signal')).toEqual([])
  })

  test('[CON-8] [RTC-1] signals reach a peer whose older connection has gone', async () => {
    const user = await createUser(server, 'Ann')
    const peerKey = key()
    const room = unique('handover')
    const older = await connect(server, { user, peerKey })
    await older.join(room)
    const newer = await connect(server, { user, peerKey })
    await newer.join(room)
    await older.close()
    const bob = await connect(server, { userName: 'Bob' })
    const { state } = await bob.join(room)
    expect(state.members.find(member => member.userId === user.id)?.peers).toHaveLength(1)
    await bob.ack({ type: 'webrtc-signal', room, to: newer.peerId, signal: 'still here' })
    expect(await newer.next('webrtc-signal')).toMatchObject({ signal: 'still here' })
  })
})
