import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createParser } from 'eventsource-parser'
import type { EventSourceMessage } from 'eventsource-parser'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer } from '../support/server'
import type { TestServer } from '../support/server'
import { unique } from '../support/session'
import { waitFor } from '../support/wait'

let server: TestServer
let folder: string
const running: ChildProcess[] = []

beforeAll(async () => {
  server = await startServer()
  folder = await mkdtemp(join(tmpdir(), 'lastra-curl-'))
})
afterAll(async () => {
  for (const child of running) child.kill()
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

function curl(...args: string[]): ChildProcess & { stdout: NonNullable<ChildProcess['stdout']> } {
  const child = spawn('curl', ['-sS', '-b', join(folder, 'jar'), '-c', join(folder, 'jar'), ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  child.stdout.setEncoding('utf8')
  running.push(child)
  return child
}

/** Runs curl to its end and reads the JSON it printed. */
async function answer<T>(...args: string[]): Promise<T> {
  const child = curl(...args)
  let text = ''
  child.stdout.on('data', (chunk: string) => {
    text += chunk
  })
  const [code] = await once(child, 'close') as [number]
  expect(code, `curl ${args.join(' ')}: ${text}`).toBe(0)
  return JSON.parse(text) as T
}

function post<T>(path: string, body: unknown): Promise<T> {
  return answer<T>('-H', 'content-type: application/json', '-d', JSON.stringify(body), `${server.url}/api/${path}`)
}

/** `curl -N` on the stream, its events as they come. */
function stream(query: string, ...args: string[]): { events: EventSourceMessage[], child: ChildProcess } {
  const child = curl('-N', ...args, `${server.url}/api/chat/stream?${query}`)
  const events: EventSourceMessage[] = []
  const parser = createParser({ onEvent: event => events.push(event) })
  child.stdout.on('data', (text: string) => parser.feed(text))
  return { events, child }
}

test('[SSE-1] [SSE-3] [POL-1] curl alone is a complete client: a session, a stream, words, and a poll', async () => {
  const room = unique('curl')
  const { user } = await post<{ user: { id: string } }>('session', { name: 'Curly' })
  expect(await answer('-X', 'POST', `${server.url}/api/chat/stream?room=${room}`)).toMatchObject({ authenticated: true, userId: user.id })

  const { events, child } = stream(`room=${room}`)
  await waitFor(() => events.some(event => event.event === 'replay.end'))
  expect(events.map(event => event.event)).toEqual(['connection.established', 'room.state', 'replay.end'])
  const { connection_id } = JSON.parse(events[0]?.data ?? '') as { connection_id: string }
  const said = await post<{ frames: object[] }>('chat/frames', { connection_id, frames: [{ type: 'chat', id: '1', room, text: 'hello from curl', client_msg_id: 'c1' }] })
  expect(said).toMatchObject({ frames: [{ type: 'ack', ref: '1', seq: 1, client_msg_id: 'c1' }] })
  const shown = await waitFor(() => events.find(event => event.event === 'message.new'))
  expect(shown.id).toBe('1')
  expect(JSON.parse(shown.data)).toMatchObject({ seq: 1, userId: user.id, content: { text: 'hello from curl' } })
  child.kill()
  await once(child, 'close')

  const again = stream(`room=${room}`, '-H', 'Last-Event-ID: 0')
  const replayed = await waitFor(() => again.events.find(event => event.event === 'message.replay'))
  expect(replayed.id).toBe('1')
  again.child.kill()

  const poll = await answer<{ connection_id: string }>('-X', 'POST', `${server.url}/api/chat/poll?room=${room}&from_seq=1`)
  const first = await waitFor(async () => {
    const polled = await answer<{ frames: { type: string }[], next: number }>(`${server.url}/api/chat/poll?connection_id=${poll.connection_id}&after=0`)
    return polled.frames.at(-1)?.type === 'replay.end' ? polled : undefined
  })
  await post('chat/frames', { connection_id: poll.connection_id, frames: [{ type: 'chat', room, text: 'and by polls', client_msg_id: 'c2' }] })
  const { frames } = await answer<{ frames: object[] }>(`${server.url}/api/chat/poll?connection_id=${poll.connection_id}&after=${first.next}&wait_ms=10000`)
  expect(frames).toMatchObject([{ type: 'message.new', seq: 2, content: { text: 'and by polls' } }])
  expect(await answer('-X', 'DELETE', `${server.url}/api/chat/poll?connection_id=${poll.connection_id}`)).toEqual({ closed: true })
})
