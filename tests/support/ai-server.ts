import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pause } from './wait'

/** How the engine answers the next requests. */
export interface AiBehaviour {
  /** The answer, chunk by chunk. */
  chunks?: readonly string[]
  /** Time before each chunk. @default 5 milliseconds */
  delayMs?: number
  /** Calls this function before it says anything, though it was offered none. */
  calls?: { name: string, arguments: string }
  /** Says nothing before this has resolved. */
  after?: Promise<unknown>
  /** Thinks this before it says anything, as `reasoning_content`. */
  thinks?: readonly string[]
  /** What it gives as its reason to finish. @default 'stop' */
  finish?: string
  /** Sends exactly this, piece by piece, and then closes the line, breaks it or leaves it open. */
  raw?: { pieces: readonly string[], then?: 'close' | 'break' | 'open' }
  /** Answers with this status and no stream. */
  status?: number
  /** Ends the connection after this many chunks. */
  breakAfter?: number
  /** Sends what is no JSON after this many chunks. */
  garbageAfter?: number
  /** Says nothing more after this many chunks, and keeps the connection. */
  stallAfter?: number
}

/** An OpenAI-compatible HTTP server that answers as it is told. */
export interface AiServer {
  /** What `NUXT_AI_BASE_URL` is set to. */
  readonly url: string
  /** The bodies of the requests so far. */
  readonly requests: { model: string, messages: { role: string, content: unknown }[] }[]
  /** Requests whose connection is open. */
  readonly open: number
  behave: (behaviour: AiBehaviour) => void
  close: () => Promise<void>
}

/** Starts it on a free port. */
export async function startAiServer(): Promise<AiServer> {
  const requests: AiServer['requests'] = []
  let behaviour: AiBehaviour = {}
  let open = 0

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const { chunks = ['Hello', ' there', '.'], thinks = [], finish: reason = 'stop', raw, delayMs = 5, after, calls, status, breakAfter, garbageAfter, stallAfter } = behaviour
    requests.push(JSON.parse(body || '{}') as AiServer['requests'][number])
    if (status !== undefined) {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message: 'as told' } }))
      return
    }
    open++
    response.once('close', () => open--)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    if (raw) return respondRaw(response, raw, delayMs)
    const send = (delta: object, finish: string | null = null): void => {
      response.write(`data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'test-model', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`)
    }
    send({ role: 'assistant', content: '' })
    await after
    if (calls) send({ tool_calls: [{ index: 0, id: 'call-1', type: 'function', function: calls }] })
    for (const reasoning_content of thinks) {
      await pause(delayMs)
      send({ reasoning_content })
    }
    for (const [n, content] of chunks.entries()) {
      if (n === breakAfter) return void response.destroy()
      if (n === stallAfter || response.destroyed) return
      if (n === garbageAfter) response.write('data: {"choices": [\n\n')
      await pause(delayMs)
      send({ content })
    }
    send({}, reason)
    response.end('data: [DONE]\n\n')
  }

  async function respondRaw(response: ServerResponse, { pieces, then = 'close' }: NonNullable<AiBehaviour['raw']>, delayMs: number): Promise<void> {
    for (const piece of pieces) {
      if (response.destroyed) return
      await pause(delayMs)
      response.write(piece)
    }
    // What was written is on its way before the line breaks.
    await pause(delayMs)
    if (then === 'close') response.end()
    else if (then === 'break') response.destroy()
  }

  const server = createServer((request, response) => void respond(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    get open() {
      return open
    },
    behave(next) {
      behaviour = next
    },
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
