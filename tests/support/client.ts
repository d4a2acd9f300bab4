import type { ServerFrame, ServerFrameOf, ServerFrameType } from '#shared/protocol/frames'
import { TRANSPORTS as ALL } from '#shared/protocol/fields'
import { isEntry } from './contract'
import { PollingWire } from './polling-wire'
import type { TestServer } from './server'
import { createUser } from './session'
import type { TestUser } from './session'
import { SseWire } from './sse-wire'
import { openWebSocket, WebSocketWire } from './wire'
import type { Ending, Wire } from './wire'

export { isEntry } from './contract'
export { Refused } from './wire'

const TIMEOUT = 10_000

/** Every transport a rule has to hold on. */
export const TRANSPORTS = ALL
export type TransportName = typeof ALL[number]

export type Reply = ServerFrameOf<'ack'> | ServerFrameOf<'error'>

export interface ConnectOptions {
  /** @default 'websocket' */
  transport?: TransportName
  /** Authenticates by the cookie. */
  user?: Pick<TestUser, 'cookie'>
  /** Authenticates by this token: in an `auth` frame on a WebSocket, as a bearer elsewhere. */
  token?: string
  /** Asks for a guest identity: by an `auth` frame on a WebSocket, by `POST /api/session` elsewhere. */
  userName?: string
  /** The tab's key, given in the query (CON-8). */
  peerKey?: string
  origin?: string
  headers?: Record<string, string>
}

/** A client of the wire contract that keeps every frame it got, in order, each checked against its schema. */
export class Client {
  /** Every frame of the server, in order of arrival. */
  readonly frames: ServerFrame[] = []
  /** Set by {@link connect}. */
  established!: ServerFrameOf<'connection.established'>
  /** What carries it. Set by {@link open}. */
  wire!: Wire
  private readonly listeners = new Set<(frame: ServerFrame) => void>()
  private readonly taken = new Set<ServerFrame>()
  private readonly waiters = new Set<(frame: ServerFrame) => boolean>()
  private nextId = 1

  /** Resolves when the connection has ended. */
  get closed(): Promise<Ending> {
    return this.wire.closed
  }

  get isOpen(): boolean {
    return this.wire.isOpen
  }

  /** The socket of a client on a WebSocket, for what only sockets can do. */
  get socket(): WebSocketWire['socket'] {
    if (!(this.wire instanceof WebSocketWire)) throw new Error('this client has no WebSocket')
    return this.wire.socket
  }

  get peerId(): string {
    return this.established.peer_id
  }

  get userId(): string {
    return this.established.user.id
  }

  /** Sends a frame, right or wrong, without waiting. */
  send(frame: Record<string, unknown>): void {
    this.wire.send(JSON.stringify(frame))
  }

  /** Sends text as it is. */
  sendRaw(text: string): void {
    this.wire.send(text)
  }

  /** Stops or goes on reading. */
  pause(paused: boolean): void {
    this.wire.pause(paused)
  }

  /** Breaks the connection without a goodbye. */
  cut(): void {
    this.wire.cut()
  }

  /** Calls a function with every frame from now on, the moment it arrives. Returns what ends that. */
  onFrame(listener: (frame: ServerFrame) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
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
    await this.wire.settled()
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
    this.wire.close()
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

  /** Takes a frame from the wire. */
  receive(frame: ServerFrame): void {
    this.frames.push(frame)
    for (const listener of this.listeners) listener(frame)
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

/**
 * Opens a connection: a WebSocket that has sent nothing yet, or a stream or poll that is established.
 *
 * @throws Refused when the server answered with a plain response
 */
export async function open(server: Pick<TestServer, 'url' | 'wsUrl'>, options: ConnectOptions & { path?: string } = {}): Promise<Client> {
  const { transport = 'websocket', user, token, origin, peerKey } = options
  const client = new Client()
  const receive = (frame: ServerFrame): void => client.receive(frame)
  const query = new URLSearchParams(peerKey === undefined ? {} : { peer_key: peerKey })
  const headers = { ...user && { cookie: user.cookie }, ...origin && { origin }, ...options.headers }
  if (transport === 'websocket') {
    const url = new URL(options.path ?? server.wsUrl, server.wsUrl)
    url.search = query.toString()
    client.wire = await openWebSocket(url, headers, receive, TIMEOUT)
  } else {
    const signed = { ...token && { authorization: `Bearer ${token}` }, ...headers }
    client.wire = await (transport === 'sse' ? SseWire : PollingWire).open(server.url, query, signed, receive)
  }
  return client
}

/**
 * Opens an authenticated connection: by the cookie, a token, or as a new guest, as the options say.
 *
 * @throws when the connection or the identity is refused
 */
export async function connect(server: Pick<TestServer, 'url' | 'wsUrl'>, options: ConnectOptions = {}): Promise<Client> {
  const { transport = 'websocket', user, userName = 'Guest' } = options
  const isWebSocket = transport === 'websocket'
  const token = options.token ?? (user || isWebSocket ? undefined : (await createUser(server, userName)).token)
  const client = await open(server, { ...options, token })
  if (isWebSocket && !user) client.send({ type: 'auth', ...token ? { token } : { userName } })
  client.established = await client.next('connection.established')
  return client
}

/** {@link connect} over one transport. */
export function connectOver(transport: TransportName): typeof connect {
  return (server, options) => connect(server, { transport, ...options })
}
