import { decodeClientFrame, decodeClientValue, frameNames } from '#shared/protocol/codec'
import type { Decoded } from '#shared/protocol/codec'
import { ProtocolError } from '#shared/protocol/errors'
import type { ClientFrame, ClientFrameOf, ClientFrameType } from '#shared/protocol/frames'
import { CLOSE, LIMITS } from '#shared/protocol/limits'
import type { Verdict } from './admission'
import type { Connection, Reply } from './connection'
import type { AckResult, Handler, RealtimeContext, Sender } from './context'
import { handlers } from './handlers'
import { authorise } from './handlers/joined'
import { authenticate } from './handlers/session'

/** What the router needs besides the context. */
export interface RouterOptions {
  close: (connection: Connection, code: number, reason: string) => void
  /** Told what a handler threw that was no refusal. */
  onError: (error: unknown, frameType: ClientFrameType) => void
}

/** Frames of one connection that may wait to be handled before its socket is no longer read. */
const MAX_PENDING = 128

/** When to come back with frames that did not fit. */
const BUSY_RETRY_MS = 1000

/** What only appends to a log: one of them cannot change whether the next is allowed, nor see what it did. */
const APPENDS: ReadonlySet<ClientFrameType> = new Set<ClientFrameType>(['chat', 'edit', 'delete', 'react'])

/** What every `webrtc-signal` holds. What holds it and is none is counted twice. */
const SIGNAL = '"webrtc-signal"'

/** What handling a frame came to. */
type Outcome = AckResult | 'acked' | ProtocolError

/** A frame on its way in: its size and looks are known at once, the rest only when it is let in, or its refusal is to name it. */
interface Incoming {
  readonly bytes: number
  /** About how long one is whose bytes were counted with its request. */
  readonly length?: number
  readonly isSignal: boolean
  decode: () => Decoded
  /** The `id` and room that an answer to it names. */
  names: () => { ref?: string, room?: string }
}

const NOT_TEXT: Decoded = { ok: false, error: new ProtocolError('bad_frame', 'frame: binary messages are not understood, send text') }

/** Counts a frame against its sender's allowance, decodes it, and hands it to its handler. Nothing gets past it. */
export class Router {
  constructor(private readonly context: RealtimeContext, private readonly options: RouterOptions) {}

  /**
   * Takes one message of a socket.
   *
   * @param message the frame's JSON, as text or in UTF-8, or undefined for a message that was not text
   * @param bytes its length, where the message does not say
   */
  receive(connection: Connection, message: string | Buffer | undefined, bytes = message?.length ?? 0): void {
    this.take(connection, {
      bytes,
      isSignal: message?.includes(SIGNAL) ?? false,
      decode: () => message === undefined ? NOT_TEXT : decodeClientFrame(message.toString()),
      names: () => message === undefined ? {} : frameNames(parsed(message.toString())),
    })
  }

  /**
   * Counts what a socket has to do for its client without a frame of this protocol: an empty message, a ping of its own.
   *
   * @returns whether it is to be done
   */
  count(connection: Connection, bytes: number): boolean {
    if (connection.state.phase === 'closed') return false
    const verdict = this.context.admission.judge(connection, bytes, false, this.context.now())
    if (verdict === 'flooding') this.options.close(connection, CLOSE.tooMany, FLOODING)
    return verdict === 0
  }

  /**
   * Takes the frames of one request, and gives their replies in order (SSE-3). One that is left when the connection
   * closes is answered with `unavailable`: it was not done.
   *
   * @param values parsed JSON, each within the frame size limit; their bytes have been counted with the request
   * @throws ProtocolError `rate_limited` when more wait to be handled than may
   */
  async exchange(connection: Connection, values: readonly unknown[]): Promise<Reply[]> {
    if (connection.pending + values.length > MAX_PENDING) throw new ProtocolError('rate_limited', 'frames: too many are waiting already', { retryAfterMs: BUSY_RETRY_MS })
    const replies: Reply[] = []
    await Promise.all(values.map(value => new Promise<void>(answered => this.take(connection, {
      bytes: 0,
      length: lengthOf(value),
      isSignal: (value as { type?: unknown } | null)?.type === 'webrtc-signal',
      decode: () => decodeClientValue(value),
      names: () => frameNames(value),
    }, { replies, answered }))))
    return replies
  }

  /** Counts a frame, before anything is made of it, and lets it have its turn. */
  private take(connection: Connection, incoming: Incoming, request?: { replies: Reply[], answered: () => void }): void {
    const isClosed = connection.state.phase === 'closed'
    // A socket that was closed is not listened to any more; a request hears that its frames were not handled.
    if (isClosed && !request) return
    const now = this.context.now()
    const verdict = isClosed ? 0 : this.context.admission.judge(connection, incoming.bytes, incoming.isSignal, now)
    if (verdict === 'flooding') {
      this.options.close(connection, CLOSE.tooMany, FLOODING)
      if (!request) return
    } else {
      connection.heardAt = now
    }
    this.occupy(connection)
    if (connection.inLane === 0) connection.lane = connection.userId ?? connection.id
    connection.inLane++
    this.context.shares.run(connection.lane, costOf(incoming, verdict), () => {
      connection.inLane--
      const answered = this.enter(connection, incoming, verdict, request?.replies)
      if (request) void answered.then(request.answered)
    })
  }

  /** Decodes a frame that was let in, or names what a refusal is for, and lines it up. Resolves when it was answered. */
  private enter(connection: Connection, incoming: Incoming, given: Verdict, replies: Reply[] | undefined): Promise<void> {
    if (connection.state.phase === 'closed' && !replies) {
      this.release(connection)
      return connection.tail
    }
    const decoded = given === 0 ? incoming.decode() : undefined
    const isPretended = incoming.isSignal && !(decoded?.ok && decoded.frame.type === 'webrtc-signal')
    const verdict = decoded && isPretended ? this.context.admission.recount(connection, this.context.now()) : given
    if (verdict === 'flooding') {
      this.options.close(connection, CLOSE.tooMany, FLOODING)
      return this.lineUp(connection, { ok: false, error: CLOSED, ...replies && incoming.names() }, replies)
    }
    if (verdict > 0) return this.lineUp(connection, { ok: false, error: tooMany(verdict), ...incoming.names() }, replies)
    return this.lineUp(connection, decoded!, replies, true)
  }

  /** One more frame is on its way to be handled: with too many of them, its socket is not read. */
  private occupy(connection: Connection): void {
    if (++connection.pending === MAX_PENDING) connection.transport.pause(true)
  }

  private release(connection: Connection): void {
    if (--connection.pending === MAX_PENDING - 1) connection.transport.pause(false)
  }

  /**
   * Lines a frame up behind the connection's earlier ones, so that they are handled and answered in order (FRM-6). What goes into
   * the log begins as soon as the frame before it is on its way there: the log keeps the order, and a connection with ten things
   * to say does not wait for the disk ten times. Everything else begins when all before it is answered.
   *
   * @param isAdmitted whether it is to be handled; otherwise its refusal only waits for its turn
   */
  private lineUp(connection: Connection, decoded: Decoded, replies: Reply[] | undefined, isAdmitted = false): Promise<void> {
    const answered = connection.tail
    const done = (): void => this.release(connection)
    if (!isAdmitted && !decoded.ok) {
      const { error } = decoded
      connection.tail = answered.then(() => this.answer(connection, decoded, error, replies)).finally(done)
      return connection.tail
    }
    const isAppend = decoded.ok && APPENDS.has(decoded.frame.type)
    const begun = (isAppend ? connection.begun : answered).then(() => this.begin(connection, decoded, isAppend ? undefined : replies))
    connection.tail = begun.then(async ({ outcome }) => {
      await answered
      const result = await outcome
      this.answer(connection, decoded, result, replies)
      if (!decoded.ok && connection.badFrames >= LIMITS.badFramesInARow) this.options.close(connection, CLOSE.badFrames, 'too many bad frames')
    }).finally(done)
    connection.begun = isAppend ? begun : connection.tail
    return connection.tail
  }

  /** Begins to handle a frame. What it comes to is wrapped, so that nobody waits for it unasked; it never rejects. */
  private begin(connection: Connection, decoded: Decoded, replies: Reply[] | undefined): { outcome: Promise<Outcome> } {
    // An exclusive frame's handler may answer by itself.
    if (replies) connection.replies = replies
    return { outcome: this.handle(connection, decoded).catch((error: unknown) => this.failure(error, decoded)) }
  }

  private async handle(connection: Connection, decoded: Decoded): Promise<Outcome> {
    if (connection.state.phase === 'closed') throw CLOSED
    if (!decoded.ok) {
      connection.badFrames++
      throw decoded.error
    }
    connection.badFrames = 0
    return this.dispatch(connection, decoded.frame)
  }

  private async dispatch(connection: Connection, frame: ClientFrame): Promise<Outcome> {
    if (connection.state.phase === 'established') {
      const { user, orgId, peerId } = connection.state
      const sender: Sender = { connection, user, orgId, peerId }
      authorise(sender, frame)
      return await invoke(frame.type, this.context, sender, frame) ?? {}
    }
    if (frame.type !== 'auth') throw new ProtocolError('unauthorized', 'send auth first')
    await authenticate(this.context, connection, frame)
    return 'acked'
  }

  private failure(error: unknown, decoded: Decoded): ProtocolError {
    if (error instanceof ProtocolError) return error
    if (decoded.ok) this.options.onError(error, decoded.frame.type)
    return new ProtocolError('internal', 'the server failed to handle this')
  }

  private answer(connection: Connection, decoded: Decoded, outcome: Outcome, replies: Reply[] | undefined): void {
    connection.replies = replies
    if (outcome instanceof ProtocolError) connection.fail(outcome, decoded.ok ? about(decoded.frame) : decoded)
    else if (outcome !== 'acked' && decoded.ok) connection.ack(decoded.frame.id, outcome)
    connection.replies = undefined
  }
}

const FLOODING = 'flooding'
const CLOSED = new ProtocolError('unavailable', 'the connection was closed before this was handled')

/** What a frame is reckoned at, in microseconds. */
function costOf({ bytes, length = bytes }: Incoming, verdict: Verdict): number {
  const { work } = LIMITS
  return verdict === 0 ? work.frame + length * work.frameByte : work.refusal + bytes * work.refusalByte
}

/** The refusal of a frame that was one too many. Made often where it matters: without a stack to look up. */
function tooMany(wait: number): ProtocolError {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  const error = new ProtocolError('rate_limited', 'too many frames', { retryAfterMs: wait })
  Error.stackTraceLimit = stackTraceLimit
  return error
}

/** About how long a value of JSON is: as the words in it are. */
function lengthOf(value: unknown, depth = 2): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null || depth === 0) return 0
  return Object.values(value).reduce<number>((length, part) => length + lengthOf(part, depth - 1), 0)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function invoke<T extends ClientFrameType>(type: T, context: RealtimeContext, sender: Sender, frame: ClientFrame): ReturnType<Handler<T>> | AckResult {
  return (handlers[type] as Handler<T>)(context, sender, frame as ClientFrameOf<T>) as ReturnType<Handler<T>>
}

function about(frame: ClientFrame): { ref?: string, room?: string } {
  return { ref: frame.id, room: 'room' in frame ? frame.room : undefined }
}
