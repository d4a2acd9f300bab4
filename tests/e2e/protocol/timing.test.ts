import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectOver, open, TRANSPORTS } from '../../support/client'
import type { Client, TransportName } from '../../support/client'
import { openStream } from '../../support/lines'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser, signToken, unique } from '../../support/session'
import { pause, waitFor, within } from '../../support/wait'
import type { Member } from '#shared/protocol/frames'

/** Rules about elapsed time, each waited out for real; all at once, so that the file lasts as long as the longest. */
let server: TestServer
const LONG = { timeout: 120_000 }

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

/** A rule on every transport. One flat list of concurrent tests: groups of them would wait for each other. */
function ruleOver(transport: TransportName): (title: string, run: () => Promise<void>) => void {
  return (title, run) => test.concurrent(`${title}, over ${transport}`, LONG, run)
}

/** Seconds until a connection is closed, and its code. */
async function life(client: Client, limit = 100_000): Promise<{ code: number, seconds: number }> {
  const began = performance.now()
  const { code } = await within(client.closed, limit, 'the server\'s close')
  return { code, seconds: (performance.now() - began) / 1000 }
}

/** Keeps a connection from falling silent until the returned function is called. */
function keepAlive(client: Client): () => void {
  const timer = setInterval(() => client.send({ type: 'ping' }), 5_000)
  void client.closed.then(() => clearInterval(timer))
  return () => clearInterval(timer)
}

function mediaOf(members: readonly Member[], peerId: string): unknown {
  return members.flatMap(member => member.peers).find(peer => peer.peer_id === peerId)?.media
}

test.concurrent('[CON-2] without auth a connection is closed with 4401 after 10 s, whatever else it says', LONG, async () => {
  const silent = await open(server)
  const talking = await open(server)
  const timer = setInterval(() => talking.send({ type: 'ping' }), 1_000)
  const ends = await Promise.all([life(silent), life(talking)])
  clearInterval(timer)
  for (const { code, seconds } of ends) {
    expect(code).toBe(4401)
    expect(seconds).toBeGreaterThan(9)
    expect(seconds).toBeLessThan(13)
  }
})

test.concurrent('[CON-4] [SSE-1] a stream nothing happens on gets a comment line every 15 s', LONG, async () => {
  const line = await openStream(server, '', { as: await createUser(server) })
  const began = performance.now()
  await waitFor(() => line.comments.length >= 2, { timeout: 40_000, what: 'two comment lines' })
  const [first = 0, second = 0] = line.comments
  expect(first - began).toBeLessThan(16_500)
  expect(second - first).toBeGreaterThan(13_500)
  expect(second - first).toBeLessThan(16_500)
  expect(line.events).toHaveLength(1)
  line.close()
})

TRANSPORTS.forEach((transport) => {
  const connect = connectOver(transport)
  const rule = ruleOver(transport)

  rule('[CON-4] 60 s of silence close with 4408, whatever the server sends meanwhile', async () => {
    const room = unique('silent')
    const silent = await connect(server)
    await silent.join(room)
    const lively = await connect(server)
    await lively.join(room)
    const stop = keepAlive(lively)
    const chatter = setInterval(() => lively.send({ type: 'chat', room, text: 'hello?', client_msg_id: crypto.randomUUID() }), 7_000)
    const began = performance.now()
    // A poll would be a sign of life.
    silent.pause(transport === 'polling')
    await lively.next('presence', frame => frame.event === 'leave' && frame.member.userId === silent.userId, 90_000)
    const seconds = (performance.now() - began) / 1000
    clearInterval(chatter)
    silent.pause(false)
    expect((await life(silent)).code).toBe(4408)
    expect(seconds).toBeGreaterThan(58)
    expect(seconds).toBeLessThan(66)
    await lively.settle()
    stop()
  })

  rule(`[CON-4] ${transport === 'polling' ? 'polling' : 'a ping every 25 s'} keeps a connection alive`, async () => {
    const client = await connect(server)
    for (let n = 0; n < 3; n++) {
      await pause(25_000)
      if (transport === 'polling') continue
      client.send({ type: 'ping', t: n })
      await client.next('pong', pong => pong.t === n)
    }
    expect(client.isOpen).toBe(true)
  })

  rule('[CON-8] the older connection of a peer is closed with 4409 after 10 s', async () => {
    const user = await createUser(server)
    const peerKey = crypto.randomUUID()
    const room = unique('replaced')
    const older = await connect(server, { user, peerKey })
    await older.join(room)
    const newer = await connect(server, { user, peerKey })
    await newer.join(room)
    const { code, seconds } = await life(older)
    expect(code).toBe(4409)
    expect(seconds).toBeGreaterThan(8.5)
    expect(seconds).toBeLessThan(13)
    await newer.chat(room, 'I go on')
    const { state } = await newer.join(room)
    expect(state.members.find(member => member.userId === user.id)?.peers.map(peer => peer.peer_id)).toEqual([newer.peerId])
  })

  rule('[CON-9] a token that ran out closes with 4401 after 25 s of grace, unless a fresh one came', async () => {
    const user = await createUser(server)
    const fresh = await signToken(server, { sub: user.id })
    const short = async (): Promise<string> => signToken(server, { sub: user.id, exp: Math.floor(Date.now() / 1000) + 3 })
    const expiring = await connect(server, { token: await short() })
    const renewed = await connect(server, { token: await short() })
    const late = await connect(server, { token: await short() })
    const stops = [expiring, renewed, late].map(keepAlive)
    renewed.wire.signIn(fresh)
    await renewed.ack({ type: 'auth', token: fresh })
    // Each request proves who it is from by itself. A poll with the old token is refused at once, so here only streams and sockets wait.
    if (transport === 'polling') expiring.wire.signIn(fresh)
    const ending = life(expiring)
    await pause(12_000)
    late.wire.signIn(fresh)
    await late.ack({ type: 'auth', token: fresh })
    const { code, seconds } = await ending
    expect(code).toBe(4401)
    expect(seconds).toBeGreaterThan(25)
    expect(seconds).toBeLessThan(33)
    await pause(3_000)
    await renewed.settle()
    await late.settle()
    stops.forEach(stop => stop())
  })

  rule('[PRS-1] leave comes 10 s after the last tab went, and not before', async () => {
    const room = unique('gone')
    const watcher = await connect(server)
    await watcher.join(room)
    const ann = await connect(server, { userName: 'Ann' })
    await ann.join(room)
    await watcher.next('presence', frame => frame.event === 'join' && frame.member.userId === ann.userId)
    const began = performance.now()
    await ann.close()
    await watcher.next('presence', frame => frame.event === 'leave' && frame.member.userId === ann.userId, 20_000)
    const seconds = (performance.now() - began) / 1000
    expect(seconds).toBeGreaterThan(9)
    expect(seconds).toBeLessThan(13)
    expect((await watcher.join(room)).state.members.map(member => member.userId)).toEqual([watcher.userId])
  })

  rule('[PRS-1] [RTC-1] one tab of two that closes is no peer any more, at the latest after 10 s, and nobody left', async () => {
    const room = unique('tab')
    const watcher = await connect(server)
    await watcher.join(room)
    const user = await createUser(server, 'Ann')
    const [closing, staying] = [await connect(server, { user }), await connect(server, { user })]
    await closing.join(room)
    await staying.join(room)
    await closing.close()
    // The server hears of the close a moment after the client: until then a signal still has somewhere to go.
    const refusal = await waitFor(async () => {
      const reply = await watcher.request({ type: 'webrtc-signal', room, to: closing.peerId, signal: 1 })
      return reply.type === 'error' && reply
    }, { interval: 200 })
    expect(refusal).toMatchObject({ code: 'peer_gone' })
    await watcher.next('presence', frame => frame.event === 'update' && frame.member.peers.map(peer => peer.peer_id).join() === staying.peerId, 13_000)
    expect(watcher.all('presence', frame => frame.event === 'leave')).toEqual([])
  })

  rule('[PRS-1] who returns within the 10 s never left', async () => {
    const room = unique('back')
    const watcher = await connect(server)
    await watcher.join(room)
    const user = await createUser(server, 'Ann')
    const first = await connect(server, { user })
    await first.join(room)
    await first.close()
    await pause(7_000)
    const second = await connect(server, { user })
    await second.join(room)
    await pause(6_000)
    await watcher.settle()
    expect(watcher.all('presence', frame => frame.member.userId === user.id).map(frame => frame.event).filter(event => event !== 'update')).toEqual(['join'])
  })

  rule('[PRS-2] who vanishes without a word leaves no ghost for longer than 60 s', async () => {
    const room = unique('ghost')
    const watcher = await connect(server)
    await watcher.join(room)
    const stop = keepAlive(watcher)
    const ann = await connect(server, { userName: 'Ann' })
    await ann.join(room)
    const began = performance.now()
    // The socket stays open and reads nothing: a cut network, as the server sees it.
    ann.pause(true)
    await watcher.next('presence', frame => frame.event === 'leave' && frame.member.userId === ann.userId, 90_000)
    expect((performance.now() - began) / 1000).toBeLessThan(62)
    stop()
  })

  rule('[TYP-1] typing ends by itself after 6 s', async () => {
    const room = unique('typing')
    const watcher = await connect(server)
    await watcher.join(room)
    const ann = await connect(server)
    await ann.join(room)
    await ann.ack({ type: 'typing', room, active: true })
    await watcher.next('typing', frame => frame.active)
    const began = performance.now()
    await watcher.next('typing', frame => !frame.active && frame.userId === ann.userId, 12_000)
    const seconds = (performance.now() - began) / 1000
    expect(seconds).toBeGreaterThan(5)
    expect(seconds).toBeLessThan(8)
  })

  rule('[TYP-1] who goes on typing is typing', async () => {
    const room = unique('typing')
    const watcher = await connect(server)
    await watcher.join(room)
    const ann = await connect(server)
    await ann.join(room)
    for (let n = 0; n < 4; n++) {
      await ann.ack({ type: 'typing', room, active: true })
      await pause(3_000)
    }
    await watcher.settle()
    expect(watcher.all('typing', frame => !frame.active)).toEqual([])
  })

  rule('[RTC-2] a media state is kept for 40 s without a connection', async () => {
    const room = unique('media')
    const user = await createUser(server, 'Ann')
    const peerKey = crypto.randomUUID()
    const media = { in_call: true, mic: true, cam: true, screen: false, hand: false }
    const ann = await connect(server, { user, peerKey })
    await ann.join(room)
    await ann.ack({ type: 'media-state', room, ...media })
    ann.cut()
    await pause(40_000)
    const again = await connect(server, { user, peerKey })
    expect(mediaOf((await again.join(room)).state.members, again.peerId)).toEqual(media)
  })

  // Who polls has 60 s for it, as above.
  if (transport === 'polling') return

  rule('[BP-1] a reader that takes nothing for 10 s is closed with 4408', async () => {
    const room = unique('stalled')
    const stalled = await connect(server)
    const writer = await connect(server)
    await stalled.join(room)
    await writer.join(room)
    const stop = keepAlive(writer)
    const began = performance.now()
    stalled.pause(true)
    const writing = setInterval(() => writer.send({ type: 'chat', room, text: 'x'.repeat(16_000), client_msg_id: crypto.randomUUID() }), 40)
    // It reads nothing, so the server's view tells: the member is gone 10 s after the connection.
    const left = writer.next('presence', frame => frame.event === 'leave' && frame.member.userId === stalled.userId, 60_000)
    await left
    clearInterval(writing)
    expect((performance.now() - began) / 1000).toBeGreaterThan(10)
    stalled.pause(false)
    const { code } = await within(stalled.closed, 20_000, 'the close of the stalled reader')
    expect([4408, 1006]).toContain(code)
    const last = await writer.chat(room, 'last')
    const again = await connect(server)
    expect((await again.join(room, { limit: 1 })).entries).toMatchObject([{ seq: last.seq }])
    await waitFor(() => writer.isOpen)
    stop()
  })
})
