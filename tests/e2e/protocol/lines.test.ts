import { createParser } from 'eventsource-parser'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ServerFrame } from '../../../shared/protocol/frames'
import type { AskOptions } from '../../support/lines'
import { ask, chat, connectionCount } from '../../support/lines'
import type { TestServer } from '../../support/server'
import { startServer } from '../../support/server'
import type { TestUser } from '../../support/session'
import { createUser, unique } from '../../support/session'
import { waitFor } from '../../support/wait'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(async () => {
  await server?.stop()
})

interface Line { connection_id: string, after: number, acked: number, idle_ms?: number }
type Answer = { connection_id: string, frames: ServerFrame[], next: number } | { connection_id: string, code: string }

async function open(as: TestUser, query: string): Promise<Line> {
  const response = await ask(server, 'POST', `chat/lines?${query}`, { as })
  expect(response.status).toBe(200)
  return { ...await response.json() as { connection_id: string }, after: 0, acked: 0 }
}

async function read(as: TestUser, lines: Line[], rest: Record<string, unknown> = {}): Promise<Answer[]> {
  const response = await ask(server, 'POST', 'chat/lines/read', { as, body: { lines, ...rest } })
  expect(response.status).toBe(200)
  return (await response.json() as { lines: Answer[] }).lines
}

/** What a line brings, acknowledged as it comes, until it is quiet. */
async function all(as: TestUser, line: Line, isDone: (frames: ServerFrame[]) => boolean): Promise<ServerFrame[]> {
  const frames: ServerFrame[] = []
  await waitFor(async () => {
    const [answer] = await read(as, [line], { wait_ms: 500 })
    if (answer && 'frames' in answer) {
      frames.push(...answer.frames)
      line.after = line.acked = answer.next
    }
    return isDone(frames)
  }, { what: () => `more than ${frames.map(frame => frame.type).join()}` })
  return frames
}

const texts = (frames: readonly ServerFrame[]) => frames.flatMap(frame => frame.type === 'message.new' ? [frame.content.text] : [])
const post = (as: TestUser, line: Line, frames: unknown[]) => ask(server, 'POST', 'chat/frames', { as, body: { connection_id: line.connection_id, frames } })

test.each(['sse', 'polling'])('[TAB-1] a line is a connection of its own: peer, rooms and frames, its greeting first, called %s', async (transport) => {
  const [ann, room] = [await createUser(server, 'Ann'), unique('lines')]
  const lines = [await open(ann, `transport=${transport}&room=${room}&peer_key=key-of-the-first-tab`), await open(ann, `transport=${transport}&peer_key=key-of-the-second-tab`)]
  const [first, second] = await Promise.all(lines.map(line => all(ann, line, frames => frames.length > 0)))
  expect([first![0], second![0]]).toMatchObject([{ type: 'connection.established', transport }, { type: 'connection.established', transport }])
  expect((first![0] as { peer_id: string }).peer_id).not.toBe((second![0] as { peer_id: string }).peer_id)
  const reply = await post(ann, lines[0]!, [chat(room, 'to the room', 'r1')])
  expect((await reply.json() as { frames: unknown[] }).frames).toMatchObject([{ type: 'ack', ref: 'r1' }])
  expect(texts(await all(ann, lines[0]!, frames => texts(frames).length > 0))).toEqual(['to the room'])
  expect(await read(ann, [lines[1]!])).toEqual([])
  expect((await ask(server, 'POST', 'chat/lines?transport=websocket', { as: ann })).status).toBe(400)
  expect((await ask(server, 'POST', `chat/lines?transport=${transport}`)).status).toBe(401)
})

test('[TAB-1] a line is let in and counted like every other connection', async () => {
  await server.restart({ NUXT_LIMITS_CONNECTIONS_PER_USER: '2' })
  const ann = await createUser(server, 'Ann')
  for (const transport of ['sse', 'polling']) await open(ann, `transport=${transport}`)
  const third = await ask(server, 'POST', 'chat/lines?transport=sse', { as: ann })
  expect([third.status, third.headers.get('retry-after') !== null]).toEqual([429, true])
  await server.restart({ NUXT_LIMITS_CONNECTIONS_PER_USER: '1000' })
})

test('[TAB-2] only the user\'s own lines are read, and what is not one of them is refused alone', async () => {
  const [ann, eve] = [await createUser(server, 'Ann'), await createUser(server, 'Eve')]
  const [hers, other] = [await open(ann, 'transport=polling'), await open(eve, 'transport=polling')]
  expect(await read(eve, [hers, other, { connection_id: 'nobody', after: 0, acked: 0 }])).toMatchObject([
    { connection_id: other.connection_id, next: 1 }, { connection_id: hers.connection_id, code: 'forbidden' }, { connection_id: 'nobody', code: 'not_found' },
  ])
  const many = Array.from({ length: 257 }, () => hers)
  expect((await ask(server, 'POST', 'chat/lines/read', { as: ann, body: { lines: many } })).status).toBe(400)
  expect((await ask(server, 'POST', 'chat/lines/read', { body: { lines: [hers] } })).status).toBe(401)
})

/** A stream of many lines, as it comes. */
async function stream(as: TestUser, options: AskOptions = {}) {
  const gone = new AbortController()
  const response = await ask(server, 'GET', 'chat/lines/stream', { as, signal: gone.signal, ...options })
  const frames: { connection_id: string, n: number, frame: ServerFrame }[] = []
  let id = ''
  const parser = createParser({
    onEvent({ event, data }) {
      if (event === 'stream') id = (JSON.parse(data) as { stream_id: string }).stream_id
      else frames.push(JSON.parse(data) as typeof frames[number])
    },
  })
  const reading = (async () => {
    const decoder = new TextDecoder()
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) parser.feed(decoder.decode(chunk, { stream: true }))
  })().catch(() => undefined)
  await waitFor(() => id !== '')
  return { id, frames, close: () => gone.abort(), reading }
}

test('[TAB-3] a stream carries the lines it is told, and what is not acknowledged comes again on the next one', async () => {
  const [ann, room] = [await createUser(server, 'Ann'), unique('lines')]
  const lines = [await open(ann, `transport=sse&room=${room}&peer_key=key-of-the-first-tab`), await open(ann, `transport=sse&room=${room}&peer_key=key-of-the-second-tab`)]
  const one = await stream(ann)
  expect(await read(ann, lines, { stream_id: one.id })).toEqual([])
  await post(ann, lines[0]!, [chat(room, 'first')])
  await waitFor(() => one.frames.filter(({ frame }) => frame.type === 'message.new').length === 2)
  const seen = lines.map(line => one.frames.filter(({ connection_id }) => connection_id === line.connection_id))
  for (const frames of seen) expect(frames.map(({ n }) => n)).toEqual(frames.map((_, index) => index + 1))
  expect((await ask(server, 'POST', 'chat/lines/read', { as: await createUser(server), body: { lines, stream_id: one.id } })).status).toBe(404)

  const before = await connectionCount(server)
  one.close()
  await one.reading
  const two = await stream(ann)
  const [done, half] = seen.map(frames => frames.length) as [number, number]
  expect(await read(ann, [{ ...lines[0]!, after: done, acked: done }, { ...lines[1]!, after: half - 1, acked: half - 1 }], { stream_id: two.id })).toEqual([])
  await post(ann, lines[0]!, [chat(room, 'second')])
  await waitFor(() => two.frames.filter(({ frame }) => frame.type === 'message.new').length >= 3)
  expect(lines.map(line => texts(two.frames.filter(({ connection_id }) => connection_id === line.connection_id).map(({ frame }) => frame)))).toEqual([['second'], ['first', 'second']])
  expect(await connectionCount(server)).toBe(before)
  two.close()
  // Nobody reads them any more.
  await waitFor(async () => await connectionCount(server) === before - 2, { timeout: 20_000 })
})
