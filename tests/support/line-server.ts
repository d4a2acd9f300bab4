import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ServerFrame } from '../../shared/protocol/frames'

/** What a test wants answered: a status, headers, JSON; `cut` breaks the connection instead. */
export interface Answer { status?: number, headers?: Record<string, string>, body?: unknown, cut?: boolean }

export type Frames = Record<string, unknown>[]

/** A server that speaks the routes of the HTTP transports and does what a test tells it. */
export interface LineServer {
  readonly origin: string
  /** Every request, in order: `POST /api/chat/frames`. */
  readonly requests: string[]
  readonly headers: IncomingMessage['headers'][]
  /** The frames of each request that brought some. */
  readonly posts: Frames[]
  /** How many requests with frames ran at once, at most. */
  posting: { now: number, most: number }
  /** The streams that are open. */
  readonly streams: ServerResponse[]
  /** What the next requests of a route get instead of the usual; one answer each. */
  readonly answers: Map<string, Answer[]>
  /** Answers a request with frames; acknowledges each unless a test says otherwise. */
  reply: (frames: Frames) => Promise<unknown[]> | unknown[]
  /** What polls bring, numbered from 1. */
  readonly polled: ServerFrame[]
  /** Writes a frame to every stream. */
  tell: (frame: ServerFrame) => void
  close: () => Promise<void>
}

/** The greeting of a connection. */
export function greeting(transport: 'websocket' | 'sse' | 'polling', extra: Record<string, unknown> = {}): ServerFrame {
  return {
    type: 'connection.established', connection_id: 'c1', peer_id: 'p1', user: { id: 'u1', name: 'Ann', role: 'guest' }, transport, heartbeat_ms: 25_000,
    timestamp: '2026-01-01T00:00:00.000Z', limits: { frame_bytes: 1, text_bytes: 1, signal_bytes: 1, frames_per_s: 1, chat_per_s: 1, join_messages: 1, log_page: 1 }, ...extra,
  } as ServerFrame
}

/** Starts it on a free port. */
export async function startLineServer(): Promise<LineServer> {
  const server = createServer((request, response) => void handle(request, response))
  const line: LineServer = {
    origin: '', requests: [], headers: [], posts: [], posting: { now: 0, most: 0 }, streams: [], answers: new Map(), polled: [],
    reply: frames => frames.filter(frame => frame.id).map(frame => ({ type: 'ack', ref: frame.id })),
    tell: frame => line.streams.forEach(stream => stream.write(event(frame))),
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }

  async function handle(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url ?? '', 'http://line')
    const route = `${request.method} ${url.pathname}`
    line.requests.push(route)
    line.headers.push(request.headers)
    const text = await body(request)
    const answer = line.answers.get(route)?.shift()
    if (answer?.cut) return void response.destroy()
    if (answer) return json(response, answer.body ?? {}, answer.status, answer.headers)
    switch (route) {
      case 'POST /api/chat/stream': return json(response, { authenticated: true })
      case 'GET /api/chat/stream': return stream(response)
      case 'POST /api/chat/frames': return json(response, { frames: await post((JSON.parse(text) as { frames: Frames }).frames) })
      case 'POST /api/chat/poll': return json(response, { connection_id: 'c1', frames: [greeting('polling')], next: 0 })
      case 'GET /api/chat/poll': return poll(response, Number(url.searchParams.get('after')))
      default: return json(response, {}, request.method === 'DELETE' ? 200 : 404)
    }
  }

  async function post(frames: Frames) {
    line.posts.push(frames)
    line.posting.most = Math.max(line.posting.most, ++line.posting.now)
    const replies = await line.reply(frames)
    line.posting.now--
    return replies
  }

  function stream(response: ServerResponse) {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    line.streams.push(response)
    response.write(event(greeting('sse')))
  }

  function poll(response: ServerResponse, after: number) {
    const frames = line.polled.slice(after)
    if (frames.length > 0) return json(response, { frames, next: line.polled.length })
    const timer = setInterval(() => {
      if (line.polled.length <= after) return
      clearInterval(timer)
      json(response, { frames: line.polled.slice(after), next: line.polled.length })
    }, 5)
    response.once('close', () => clearInterval(timer))
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(line, { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

function event(frame: ServerFrame): string {
  return `event: ${frame.type}\ndata: ${JSON.stringify(frame)}\n\n`
}

function json(response: ServerResponse, value: unknown, status = 200, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
}

async function body(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString()
  return text
}
