import type { IncomingMessage } from 'node:http'
import { afterEach, expect } from 'vitest'
import { WebSocket } from 'ws'
import { ENTRY_TYPES, serverFrameSchemas } from '#shared/protocol/frames'
import type { ServerFrame, ServerFrameOf, ServerFrameType } from '#shared/protocol/frames'
import type { TestServer } from './server'
import type { TestUser } from './session'
import { within } from './wait'

const TIMEOUT = 10_000

/** What the server sent against the contract, in any connection of the running tests. */
const violations: string[] = []

afterEach(() => {
  expect(violations.splice(0), 'every frame of the server follows the contract').toEqual([])
})

export type Reply = ServerFrameOf<'ack'> | ServerFrameOf<'error'>

export interface ConnectOptions {
  /** Authenticates by the cookie at the upgrade. */
  user?: Pick<TestUser, 'cookie'>
  /** Authenticates by an `auth` frame with this token. */
  token?: string
  /** Asks for a guest identity by an `auth` frame. */
  userName?: string
  /** The tab's key, given in the query (CON-8). */
  peerKey?: string
  origin?: string
  headers?: Record<string, string>
}

/** An upgrade the server answered with a plain HTTP response. */
export class UpgradeRefused extends Error {
  constructor(readonly status: number, readonly headers: IncomingMessage['headers'], readonly body: string) {
    super(`upgrade refused with ${status}: ${body.slice(0, 200)}`)
  }
}

/** A client of the wire contract that keeps every frame it got, in order, each checked against its schema. */
export class Client {
  /** Every frame of the server, in order of arrival. */
  readonly frames: ServerFrame[] = []
  /** Resolves when the connection has ended. */
  readonly closed: Promise<{ code: number, reason: string }>
  /** Set by {@link connect}. */
  established!: ServerFrameOf<'connection.established'>
  private readonly taken = new Set<ServerFrame>()
  private readonly waiters = new Set<(frame: ServerFrame) => boolean>()
  private nextId = 1

  constructor(readonly socket: WebSocket) {
    socket.on('message', (data, binary) => this.receive(data.toString(), binary))
    // Without a listener a reset would end the test run; `closed` tells of it.
    socket.on('error', () => undefined)
    this.closed = new Promise(resolve => socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })))
  }

  get peerId(): string {
    return this.established.peer_id
  }

  get userId(): string {
    return this.established.user.id
  }

  /** Sends a frame, right or wrong, without waiting. */
  send(frame: Record<string, unknown>): void {
    this.socket.send(JSON.stringify(frame))
  }

  /** Sends bytes as they are; a string as a text message, a buffer as a binary one. */
  sendRaw(data: string | Buffer): void {
    this.socket.send(data)
  }

  /** Sends a frame with a fresh `id` and waits for the one reply that names it (FRM-3). */
  async request(frame: Record<string, unknown>, timeout = TIMEOUT): Promise<Reply> {
    const id = typeof frame.id === 'string' ? frame.id : `r${this.nextId++}`
    this.send({ ...frame, id })
    return this.reply(id, timeout)
  }

  /** Waits for the reply to a frame that was sent with this `id`. */
  async reply(id: string, timeout = TIMEOUT): Promise<Reply> {
    const isReply = (frame: ServerFrame): frame is Reply => (frame.type === 'ack' || frame.type === 'error') && frame.ref === id
    return this.await(isReply, timeout, `the reply to ${id}`)
  }

  /** Sends a frame that must be accepted. */
  async ack(frame: Record<string, unknown>, timeout = TIMEOUT): Promise<ServerFrameOf<'ack'>> {
    const reply = await this.request(frame, timeout)
    if (reply.type !== 'ack') throw new Error(`${String(frame.type)} was refused: ${reply.code} ${reply.message}`)
    return reply
  }

  /** Sends a frame that must be refused. */
  async refused(frame: Record<string, unknown>, timeout = TIMEOUT): Promise<ServerFrameOf<'error'>> {
    const reply = await this.request(frame, timeout)
    if (reply.type !== 'error') throw new Error(`${String(frame.type)} was accepted`)
    return reply
  }

  /** Takes the oldest frame of a type that no earlier call took, and waits for it where there is none yet. */
  async next<T extends ServerFrameType>(type: T, matches: (frame: ServerFrameOf<T>) => boolean = () => true, timeout = TIMEOUT): Promise<ServerFrameOf<T>> {
    const isIt = (frame: ServerFrame): frame is ServerFrameOf<T> & ServerFrame => frame.type === type && matches(frame as ServerFrameOf<T>)
    return this.await(isIt, timeout, `a ${type}`)
  }

  /** Every frame of a type so far, taken or not. */
  all<T extends ServerFrameType>(type: T, matches: (frame: ServerFrameOf<T>) => boolean = () => true): ServerFrameOf<T>[] {
    return this.frames.filter(frame => frame.type === type && matches(frame as ServerFrameOf<T>)) as ServerFrameOf<T>[]
  }

  /** Waits until the server has answered everything that was sent before. */
  async settle(): Promise<void> {
    const t = `settle-${this.nextId++}`
    this.send({ type: 'ping', t })
    await this.next('pong', frame => frame.t === t)
  }

  /** Joins a room and waits for the end of its replay. */
  async join(room: string, options: { from_seq?: number, epoch?: string, limit?: number } = {}): Promise<Joined> {
    const start = this.frames.length
    await this.ack({ type: 'join', room, ...options })
    const end = await this.next('replay.end', frame => frame.room === room)
    const state = await this.next('room.state', frame => frame.room === room)
    const between = this.frames.slice(this.frames.indexOf(state, start) + 1, this.frames.indexOf(end, start))
    return { state, end, entries: between.filter(frame => isEntry(frame)) as Replayed[] }
  }

  /** Says something and gives the `ack`. */
  async chat(room: string, text: string, extra: Record<string, unknown> = {}): Promise<ChatAck> {
    const ack = await this.ack({ type: 'chat', room, text, client_msg_id: crypto.randomUUID(), ...extra })
    if (!ack.seq || !ack.messageId) throw new Error(`an ack of a chat without seq or messageId: ${JSON.stringify(ack)}`)
    return ack as ChatAck
  }

  /** Closes as a browser does when its tab goes, and waits until it is done. */
  async close(): Promise<void> {
    this.socket.close(1000)
    await this.closed
  }

  /** Takes the oldest matching frame that nobody took; waits for one until the deadline or the connection's end. */
  private async await<F extends ServerFrame>(matches: (frame: ServerFrame) => frame is F, timeout: number, what: string): Promise<F> {
    const there = this.frames.find((frame): frame is F => !this.taken.has(frame) && matches(frame))
    if (there) {
      this.taken.add(there)
      return there
    }
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer)
        this.waiters.delete(waiter)
      }
      const fail = (why: string): void => {
        finish()
        reject(new Error(`${what}: ${why}; ${this.seen()}`))
      }
      const waiter = (frame: ServerFrame): boolean => {
        if (!matches(frame)) return false
        finish()
        resolve(frame)
        return true
      }
      const timer = setTimeout(() => fail(`not within ${timeout} ms`), timeout)
      this.waiters.add(waiter)
      void this.closed.then(({ code, reason }) => {
        if (this.waiters.has(waiter)) fail(`the connection was closed with ${code} ${reason}`)
      })
    })
  }

  private receive(text: string, binary: boolean): void {
    const wrong = binary ? `a binary message: ${text.slice(0, 80)}` : violation(text)
    if (wrong) violations.push(wrong)
    if (wrong && !wrong.startsWith('frame')) return
    const frame = JSON.parse(text) as ServerFrame
    this.frames.push(frame)
    for (const waiter of this.waiters) {
      if (!waiter(frame)) continue
      this.taken.add(frame)
      break
    }
  }

  private seen(): string {
    const last = this.frames.slice(-12).map(frame => JSON.stringify(frame).slice(0, 160))
    return `the last of ${this.frames.length} frames:\n${last.join('\n')}`
  }
}

export type ChatAck = ServerFrameOf<'ack'> & { seq: number, messageId: string, timestamp: string }

/** An entry as a replay shows it. */
export type Replayed = Extract<ServerFrame, { seq: number }>

/** What a join brought. */
export interface Joined {
  state: ServerFrameOf<'room.state'>
  end: ServerFrameOf<'replay.end'>
  /** The entries between `room.state` and `replay.end`. */
  entries: Replayed[]
}

/** Whether a frame is an entry of a room's log, live or replayed. */
export function isEntry(frame: ServerFrame): boolean {
  return frame.type === 'message.replay' || (ENTRY_TYPES as readonly string[]).includes(frame.type)
}

/** What is wrong with a server frame, if anything (FRM-1, LOG-1). */
function violation(text: string): string | undefined {
  let frame: ServerFrame
  try {
    frame = JSON.parse(text) as ServerFrame
  } catch {
    return `not JSON: ${text.slice(0, 80)}`
  }
  if (typeof frame?.type !== 'string') return `no type: ${text.slice(0, 80)}`
  if (!Object.hasOwn(serverFrameSchemas, frame.type)) return `frame of unknown type: ${text.slice(0, 200)}`
  const parsed = serverFrameSchemas[frame.type].safeParse(frame)
  if (!parsed.success) return `frame against its schema: ${parsed.error.issues.map(issue => `${issue.path.join('.')} ${issue.message}`).join('; ')} in ${text.slice(0, 300)}`
  if ('seq' in frame && frame.type !== 'ack' && !isEntry(frame)) return `frame with a seq that is no entry: ${text.slice(0, 200)}`
  return undefined
}

/**
 * Opens a WebSocket and sends nothing.
 *
 * @throws UpgradeRefused when the server answered with a plain response
 */
export async function open(server: Pick<TestServer, 'wsUrl'>, options: ConnectOptions & { path?: string } = {}): Promise<Client> {
  const url = new URL(options.path ?? server.wsUrl, server.wsUrl)
  if (options.peerKey) url.searchParams.set('peer_key', options.peerKey)
  const headers = { ...options.user ? { cookie: options.user.cookie } : {}, ...options.headers }
  const socket = new WebSocket(url, { headers, perMessageDeflate: false, ...options.origin ? { origin: options.origin } : {} })
  const client = new Client(socket)
  await within(new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
    socket.once('unexpected-response', (_request, response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      response.on('end', () => reject(new UpgradeRefused(response.statusCode ?? 0, response.headers, body)))
    })
  }), TIMEOUT, 'the WebSocket upgrade')
  return client
}

/**
 * Opens an authenticated connection: by the cookie, a token, or as a new guest, as the options say.
 *
 * @throws when the upgrade or the identity is refused
 */
export async function connect(server: Pick<TestServer, 'wsUrl'>, options: ConnectOptions = {}): Promise<Client> {
  const client = await open(server, options)
  if (!options.user) client.send({ type: 'auth', ...options.token ? { token: options.token } : { userName: options.userName ?? 'Guest' } })
  client.established = await client.next('connection.established')
  return client
}
