import { decodeClientFrame, decodeClientValue } from '#shared/protocol/codec'
import type { Decoded } from '#shared/protocol/codec'
import { ProtocolError } from '#shared/protocol/errors'
import type { ClientFrame, ClientFrameOf, ClientFrameType } from '#shared/protocol/frames'
import { CLOSE, LIMITS } from '#shared/protocol/limits'
import type { Connection, Reply } from './connection'
import type { AckResult, Handler, RealtimeContext, Sender } from './context'
import { handlers } from './handlers'
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

/** What handling a frame came to. */
type Outcome = AckResult | 'acked' | ProtocolError

const NOT_TEXT: Decoded = { ok: false, error: new ProtocolError('bad_frame', 'frame: binary messages are not understood, send text') }

/** Decodes a frame, counts it against the connection's allowance, and hands it to its handler. Nothing gets past it. */
export class Router {
  constructor(private readonly context: RealtimeContext, private readonly options: RouterOptions) {}

  /**
   * Takes one message of a socket.
   *
   * @param text the frame's JSON, or undefined for a message that was not text
   */
  receive(connection: Connection, text: string | undefined): void {
    void this.lineUp(connection, () => text === undefined ? NOT_TEXT : decodeClientFrame(text))
  }

  /**
   * Takes the frames of one request, and gives their replies in order (SSE-3). One that is left when the connection
   * closes is answered with `unavailable`: it was not done.
   *
   * @param values parsed JSON, each within the frame size limit
   * @throws ProtocolError `rate_limited` when more wait to be handled than may
   */
  async exchange(connection: Connection, values: readonly unknown[]): Promise<Reply[]> {
    if (connection.pending + values.length > MAX_PENDING) throw new ProtocolError('rate_limited', 'frames: too many are waiting already', { retryAfterMs: BUSY_RETRY_MS })
    const replies: Reply[] = []
    await Promise.all(values.map(value => this.lineUp(connection, () => decodeClientValue(value), replies)))
    return replies
  }

  /**
   * Lines a frame up behind the connection's earlier ones, so that they are handled and answered in order (FRM-6). What goes into
   * the log begins as soon as the frame before it is on its way there: the log keeps the order, and a connection with ten things
   * to say does not wait for the disk ten times. Everything else begins when all before it is answered.
   */
  private lineUp(connection: Connection, decode: () => Decoded, replies?: Reply[]): Promise<void> {
    connection.heardAt = this.context.now()
    connection.pending++
    if (connection.pending === MAX_PENDING) connection.transport.pause(true)
    const decoded = decode()
    const isAppend = decoded.ok && APPENDS.has(decoded.frame.type)
    const answered = connection.tail
    const begun = (isAppend ? connection.begun : answered).then(() => this.begin(connection, decoded, isAppend ? undefined : replies))
    connection.tail = begun.then(async ({ outcome }) => {
      await answered
      this.answer(connection, decoded, await outcome, replies)
    }).finally(() => {
      connection.pending--
      if (connection.pending === MAX_PENDING - 1) connection.transport.pause(false)
    })
    connection.begun = isAppend ? begun : connection.tail
    return connection.tail
  }

  /** Begins to handle a frame. What it comes to is wrapped, so that nobody waits for it unasked; it never rejects. */
  private begin(connection: Connection, decoded: Decoded, replies: Reply[] | undefined): { outcome: Promise<Outcome> } {
    // An exclusive frame's handler may answer by itself.
    if (replies) connection.replies = replies
    return { outcome: this.admit(connection, decoded).catch((error: unknown) => this.failure(error, decoded)) }
  }

  private async admit(connection: Connection, decoded: Decoded): Promise<Outcome> {
    if (connection.state.phase === 'closed') throw new ProtocolError('unavailable', 'the connection was closed before this was handled')
    const bucket = decoded.ok && decoded.frame.type === 'webrtc-signal' ? connection.signals : connection.frames
    const wait = bucket.take(this.context.now())
    if (wait > 0) throw new ProtocolError('rate_limited', 'too many frames', { retryAfterMs: wait })
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
      return await invoke(frame.type, this.context, { connection, user, orgId, peerId }, frame) ?? {}
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
    if (!decoded.ok && connection.badFrames >= LIMITS.badFramesInARow) this.options.close(connection, CLOSE.badFrames, 'too many bad frames')
  }
}

function invoke<T extends ClientFrameType>(type: T, context: RealtimeContext, sender: Sender, frame: ClientFrame): ReturnType<Handler<T>> | AckResult {
  return (handlers[type] as Handler<T>)(context, sender, frame as ClientFrameOf<T>) as ReturnType<Handler<T>>
}

function about(frame: ClientFrame): { ref?: string, room?: string } {
  return { ref: frame.id, room: 'room' in frame ? frame.room : undefined }
}
