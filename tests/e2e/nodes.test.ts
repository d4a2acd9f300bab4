import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSession, readAll, said, say } from '../support/agents'
import { connect, isEntry, TRANSPORTS } from '../support/client'
import type { Client } from '../support/client'
import { startManyNodes } from '../support/many-nodes'
import type { ManyNodes } from '../support/many-nodes'
import { createUser, get, unique } from '../support/session'
import { waitFor } from '../support/wait'

let many: ManyNodes
beforeAll(async () => {
  many = await startManyNodes()
}, 120_000)
afterAll(() => many.stop())

const media = (room: string, in_call: boolean) => ({ type: 'media-state', room, in_call, mic: in_call, cam: false, screen: false, hand: false })
const seqsOf = (client: Client) => client.frames.flatMap(frame => isEntry(frame) && 'seq' in frame ? [frame.seq] : [])
const textsOf = (client: Client) => client.all('message.new').map(({ content }) => content.text)
const nodeOf = (client: Client) => client.established.connection_id.split('.')[0]

/** Two of each transport; requests and sockets of each go to whichever node the proxy picks. */
async function crowd(room: string): Promise<Client[]> {
  const clients: Client[] = []
  for (const transport of [...TRANSPORTS, ...TRANSPORTS]) clients.push(await connect(many, { transport, userName: `${transport} ${clients.length}`, peerKey: crypto.randomUUID() }))
  for (const client of clients) await client.join(room)
  return clients
}

test('[MANY-1] [MANY-2] two servers behind nginx without sticky sessions: everybody on every transport sees one log, in order, once', async () => {
  const room = unique('many')
  const clients = await crowd(room)
  expect(new Set(clients.map(nodeOf)).size).toBe(2)
  await Promise.all(clients.map(async (client, n) => {
    for (let i = 0; i < 15; i++) await client.chat(room, `${n}:${i}`)
  }))
  await waitFor(() => clients.every(client => textsOf(client).length === 90), { what: () => `all texts, not ${clients.map(client => textsOf(client).length).join()}` })
  for (const client of clients) {
    expect(seqsOf(client)).toEqual(Array.from({ length: 90 }, (_, n) => n + 1))
    expect(textsOf(client)).toEqual(textsOf(clients[0]!))
  }
  await Promise.all(clients.map(client => client.close()))
})

test('[PRS-1] [RTC-1] [ACC-5] presence, signals and knocks go from node to node, over every transport', async () => {
  const room = unique('call')
  const clients = await crowd(room)
  const [host] = clients
  await waitFor(() => new Set(clients[0]!.all('presence').map(({ member }) => member.userId)).size === 5)
  await Promise.all(clients.map(client => client.ack(media(room, true))))
  for (const from of clients) {
    const to = clients[(clients.indexOf(from) + 1) % clients.length]!
    await waitFor(async () => (await from.request({ type: 'webrtc-signal', room, to: to.peerId, signal: { from: from.peerId } })).type === 'ack')
    await to.next('webrtc-signal', frame => frame.from === from.peerId)
    expect(await from.refused({ type: 'webrtc-signal', room, to: 'nobody', signal: 1 })).toMatchObject({ code: 'peer_gone' })
  }
  // Six places of all nodes together are taken.
  const late = await connect(many, { userName: 'late' })
  await late.join(room)
  expect(await late.refused(media(room, true))).toMatchObject({ code: 'conflict' })
  await host!.ack({ type: 'room-update', room, locked: true })
  for (let n = 0; n < 2; n++) {
    const outside = await connect(many, { userName: `outside ${n}` })
    await outside.ack({ type: 'knock', room })
    await host!.next('knock', ({ userId }) => userId === outside.userId)
    await host!.ack({ type: 'knock-answer', room, userId: outside.userId, admit: true })
    expect(await outside.next('knock.answered')).toMatchObject({ admitted: true })
    await outside.join(room)
    clients.push(outside)
  }
  await Promise.all([...clients, late].map(client => client.close()))
})

test('[MANY-3] [LOG-2] a node that is killed loses nothing that was acked, and its people are back on the other at once, or gone', async () => {
  const room = unique('killed')
  const ann = await createUser(many, 'Ann')
  const [stays, dies] = many.nodes
  const watcher = await connect(stays!, { userName: 'watcher' })
  await watcher.join(room)
  const client = await connect(dies!, { user: ann, peerKey: 'a-key-of-ann-0123456789' })
  await client.join(room)
  const lost = await connect(dies!, { userName: 'lost' })
  await lost.join(room)
  await watcher.next('presence', ({ event, member }) => event === 'join' && member.userId === lost.userId)
  const { seq } = await client.chat(room, 'the last word')
  dies!.kill('SIGKILL')
  await dies!.exited()
  const back = await connect(stays!, { user: ann, peerKey: 'a-key-of-ann-0123456789' })
  const joined = await back.join(room)
  expect(joined.entries.map(entry => entry.seq)).toContain(seq)
  await back.chat(room, 'here again')
  // Whoever does not come back has the time everybody has, and no longer than PRS-2 says; who came back was never gone.
  await watcher.next('presence', ({ event, member }) => event === 'leave' && member.userId === lost.userId, 40_000)
  expect(watcher.all('presence', ({ event, member }) => event === 'leave' && member.userId === ann.id)).toEqual([])
  expect(textsOf(watcher)).toEqual(['the last word', 'here again'])
  await dies!.restart()
  await connect(dies!, { user: ann }).then(other => other.join(room))
})

test('[MANY-2] without Redis each node serves, says so, and what others say comes all the same', async () => {
  const room = unique('away')
  const [one, two] = many.nodes
  const ann = await connect(one!, { userName: 'Ann' })
  const bob = await connect(two!, { userName: 'Bob', transport: 'sse' })
  for (const client of [ann, bob]) await client.join(room)
  await many.redis.stop()
  for (const node of many.nodes) await waitFor(async () => (await get(node, '/api/health')).status === 200 && String(JSON.stringify((await get(node, '/api/health')).body)).includes('unreachable'))
  for (let n = 0; n < 5; n++) await Promise.all([ann.chat(room, `a${n}`), bob.chat(room, `b${n}`)])
  await waitFor(() => [ann, bob].every(client => textsOf(client).length === 10))
  expect(textsOf(bob)).toEqual(textsOf(ann))
  await many.redis.start()
  for (const node of many.nodes) await waitFor(async () => JSON.stringify((await get(node, '/api/health')).body).includes('"redis":"ok"'))
  await ann.ack({ type: 'typing', room, active: true })
  await bob.next('typing')
  expect(many.nodes.map(node => node.log()).join('')).not.toMatch(/"level":50.*(handler|bus) failed/)
})

test('[AGT-4] [AI-2] agents and bots answer whichever node is asked, and are stopped by way of any', async () => {
  const ann = await createUser(many, 'Ann')
  const session = await openSession(many, ann)
  for (let n = 0; n < 4; n++) {
    const streamId = await say(many, ann, session, n % 2 ? 'How do I join a room?' : 'What is Lastra?')
    expect(said(await readAll(many, ann, streamId))).not.toBe('')
  }
  const room = unique('bots')
  const [one, two] = many.nodes
  const host = await connect(one!, { userName: 'Host' })
  await host.join(room)
  await host.ack({ type: 'bot-toggle', room, bot: 'host', enabled: true })
  const { stream_id } = await host.ack({ type: 'ai-request', room, bot: 'host', prompt: 'What is Lastra, and how do I share my screen?' })
  await host.next('ai.delta', frame => frame.stream_id === stream_id)
  const other = await connect(two!, { userName: 'Other' })
  const { state } = await other.join(room)
  expect(state.streams.length === 0 ? 'ended' : state.streams[0]!.stream_id).toMatch(new RegExp(`^(ended|${stream_id})$`))
  await host.next('ai.end', frame => frame.stream_id === stream_id)
})
