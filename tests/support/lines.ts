import { createParser } from 'eventsource-parser'
import type { EventSourceMessage } from 'eventsource-parser'
import type { ServerFrame } from '#shared/protocol/frames'
import type { TestServer } from './server'
import type { TestUser } from './session'
import { waitFor } from './wait'

export interface AskOptions {
  /** Who asks, by a bearer token. */
  as?: Pick<TestUser, 'token'>
  /** Sent as JSON. */
  body?: unknown
  /** Sent as it is. */
  text?: string
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** Asks one of the API's routes, right or wrong. */
export function ask({ url }: Pick<TestServer, 'url'>, method: string, path: string, { as, body, text, headers, signal }: AskOptions = {}): Promise<Response> {
  return fetch(`${url}/api/${path}`, {
    method, signal,
    headers: { 'content-type': 'application/json', ...as && { authorization: `Bearer ${as.token}` }, ...headers },
    body: text ?? (body === undefined ? undefined : JSON.stringify(body)),
  })
}

/** A stream as it came, event by event. */
export interface Stream {
  response: Response
  events: (EventSourceMessage & { frame: ServerFrame })[]
  /** When each comment line came. */
  comments: number[]
  connectionId: string
  ended: Promise<void>
  close: () => void
}

/** Opens a stream and waits for its greeting. */
export async function openStream(server: Pick<TestServer, 'url'>, query: string, options: AskOptions = {}): Promise<Stream> {
  const gone = new AbortController()
  const response = await ask(server, 'GET', `chat/stream?${query}`, { ...options, signal: gone.signal })
  if (!response.ok) throw new Error(`no stream: ${response.status} ${await response.text()}`)
  const events: Stream['events'] = []
  const comments: number[] = []
  const parser = createParser({
    onEvent: event => events.push({ ...event, frame: JSON.parse(event.data) as ServerFrame }),
    onComment: () => comments.push(performance.now()),
  })
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder()
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) parser.feed(decoder.decode(chunk, { stream: true }))
  }
  const ended = read().catch(() => undefined)
  const greeting = await waitFor(() => events[0]?.frame, { what: 'the greeting of a stream' })
  if (greeting.type !== 'connection.established') throw new Error(`not a greeting: ${JSON.stringify(greeting)}`)
  return { response, events, comments, connectionId: greeting.connection_id, ended, close: () => gone.abort() }
}

/** What a poll's opening or a poll answers. */
export interface Polled {
  connection_id: string
  frames: ServerFrame[]
  next: number
}

/** Opens a polling connection. */
export async function openPoll(server: Pick<TestServer, 'url'>, query: string, options: AskOptions = {}): Promise<Polled> {
  const response = await ask(server, 'POST', `chat/poll?${query}`, options)
  if (!response.ok) throw new Error(`no polling connection: ${response.status} ${await response.text()}`)
  return await response.json() as Polled
}

/** A `chat` frame, with an `id` or without. */
export function chat(room: string, text: string, id?: string): Record<string, unknown> {
  return { type: 'chat', room, text, client_msg_id: crypto.randomUUID(), ...(id !== undefined && { id }) }
}

/** How many connections the server holds. */
export async function connectionCount(server: Pick<TestServer, 'url'>): Promise<number> {
  return (await (await ask(server, 'GET', 'health')).json() as { connections: number }).connections
}
