import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Client } from '../../support/client'
import { ask, joinStream, openPoll, openSocket, poll } from '../../support/https'
import { startPostgres } from '../../support/postgres'
import type { TestPostgres } from '../../support/postgres'
import { startProxy } from '../../support/proxies'
import type { TestProxy } from '../../support/proxies'
import { startRedis } from '../../support/redis'
import type { TestRedis } from '../../support/redis'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser, get, unique } from '../../support/session'
import { waitFor, within } from '../../support/wait'

let postgres: TestPostgres
let redis: TestRedis
let nodes: TestServer[]

beforeAll(async () => {
  postgres = await startPostgres({ durable: false })
  redis = await startRedis()
  const env = { NUXT_TRUST_PROXY: 'true', NUXT_DRAIN_MS: '500', NUXT_DATABASE_URL: postgres.url('postgres'), NUXT_REDIS_URL: redis.url }
  // Side by side, as a machine starts its units.
  nodes = await Promise.all([startServer({ env }), startServer({ env })])
})
afterAll(async () => {
  for (const node of nodes ?? []) await node.stop()
  await redis?.stop()
  await postgres?.stop()
})

/** The configurations given to operators of many nodes, run by the real programs: each request may go to another node. */
describe.each(['nginx', 'haproxy'] as const)('through %s as in deploy, without sticky sessions', (kind) => {
  let proxy: TestProxy

  beforeAll(async () => {
    proxy = await startProxy(kind, { port: nodes[0]!.port, second: nodes[1]!.port })
  })
  afterAll(() => proxy?.stop())

  const connections = async (node: TestServer) => ((await get(node, '/api/health')).body as { connections: number }).connections

  function chat(room: string, text: string) {
    return { type: 'chat', id: text, room, text, client_msg_id: crypto.randomUUID() }
  }

  test('both nodes have people, and what is said over any transport is there over every other, once and in one order', async () => {
    const room = unique('crossed')
    const before = await Promise.all(nodes.map(connections))
    const user = await createUser(nodes[0]!)
    const other = await createUser(nodes[1]!, 'Bob')
    const sockets = await Promise.all([user, other, user, other].map(as => openSocket(proxy, { as })))
    for (const socket of sockets) await socket.join(room)
    await waitFor(async () => (await Promise.all(nodes.map(connections))).every((count, n) => count > before[n]!), { what: 'a connection on each node' })
    const stream = await joinStream(proxy, `room=${room}`, { as: user })
    const line = await openPoll(proxy, room, other)
    const said: string[] = []
    // Posts go by the proxy's choice: each stream's and poll's connection is written to through both nodes.
    for (let n = 0; n < 12; n++) {
      const text = `text ${n}`
      if (n % 3 === 0) await sockets[n % 4]!.chat(room, text)
      else {
        const [connection_id, as] = n % 3 === 1 ? [stream.connectionId, user] as const : [line.connection_id, other] as const
        expect(await ask(proxy, 'POST', '/api/chat/frames', { as, body: { connection_id, frames: [chat(room, text)] } }), text).toMatchObject({ status: 200, body: { frames: [{ type: 'ack', seq: n + 1 }] } })
      }
      said.push(text)
    }
    const texts = (frames: { type: string }[]) => frames.flatMap(frame => frame.type === 'message.new' ? [(frame as unknown as { content: { text: string } }).content.text] : [])
    for (const socket of sockets) {
      for (const text of said) expect((await socket.next('message.new')).content.text).toBe(text)
    }
    await waitFor(() => texts(stream.events.map(({ frame }) => frame)).length >= said.length, { what: 'all on the stream' })
    expect(texts(stream.events.map(({ frame }) => frame))).toEqual(said)
    const polled: string[] = []
    let next = line.next
    await waitFor(async () => {
      const { body } = await poll(proxy, line.connection_id, next, 0, other)
      const answer = body as { frames: { type: string }[], next: number }
      next = answer.next
      polled.push(...texts(answer.frames))
      return polled.length >= said.length
    }, { what: 'all by polling' })
    expect(polled).toEqual(said)
    stream.close()
    await Promise.all(sockets.map(socket => socket.close()))
  })

  test('[CON-7] nodes are restarted one after the other, and nobody asks in vain meanwhile', async () => {
    const room = unique('rolling')
    const user = await createUser(nodes[0]!)
    const failed: string[] = []
    let asked = 0
    let rolling = true
    const asking = (async () => {
      while (rolling) {
        const { status, body } = await ask(proxy, 'GET', '/api/rooms', { as: user })
        asked++
        if (status !== 200) failed.push(`${status} ${JSON.stringify(body)}`)
      }
    })()
    for (const node of nodes) {
      const socket = await openSocket(proxy, { as: user })
      await socket.join(room)
      await socket.chat(room, `before ${node.port}`)
      node.kill('SIGTERM')
      expect(await within(node.exited(), 20_000, 'the exit')).toBe(0)
      // The other one takes everybody, and has all that was said.
      const again = await waitFor(() => openSocket(proxy, { as: user }))
      const { entries } = await again.join(room)
      expect(entries.some(entry => 'content' in entry && entry.content?.text === `before ${node.port}`)).toBe(true)
      const seen = asked
      await waitFor(() => asked > seen + 10, { what: 'requests that the other one answers' })
      await node.restart()
      // The next one goes once this one has people again: a proxy needs a moment to see that it is back.
      const back: Client[] = []
      await waitFor(async () => {
        back.push(await openSocket(proxy, { as: user }))
        return await connections(node) > 0
      }, { what: 'people on the node that was restarted' })
      await Promise.all([socket, again, ...back].map(one => one.close()))
    }
    rolling = false
    await asking
    expect(failed).toEqual([])
  })
})
