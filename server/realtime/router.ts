import { decodeClientFrame, decodeClientValue } from '#shared/protocol/codec'
import type { Decoded } from '#shared/protocol/codec'
import { ProtocolError } from '#shared/protocol/errors'
import type { ClientFrame, ClientFrameOf, ClientFrameType } from '#shared/protocol/frames'
import { CLOSE, LIMITS } from '#shared/protocol/limits'
import { errorFrame } from './connection'
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

  /** Lines a frame up behind the connection's earlier ones, so that they are handled and answered in order (FRM-6). */
  private lineUp(connection: Connection, decode: () => Decoded, replies?: Reply[]): Promise<void> {
    connection.heardAt = this.context.now()
    connection.pending++
    if (connection.pending === MAX_PENDING) connection.transport.pause(true)
    connection.tail = connection.tail.then(() => this.handle(connection, decode(), replies)).finally(() => {
      connection.pending--
      if (connection.pending === MAX_PENDING - 1) connection.transport.pause(false)
    })
    return connection.tail
  }

  private async handle(connection: Connection, decoded: Decoded, replies: Reply[] | undefined): Promise<void> {
    if (connection.state.phase === 'closed') {
      replies?.push(errorFrame(new ProtocolError('unavailable', 'the connection was closed before this was handled'), decoded.ok ? about(decoded.frame) : decoded))
      return
    }
    connection.replies = replies
    try {
      await this.admit(connection, decoded)
    } finally {
      connection.replies = undefined
    }
  }

  private async admit(connection: Connection, decoded: Decoded): Promise<void> {
    const bucket = decoded.ok && decoded.frame.type === 'webrtc-signal' ? connection.signals : connection.frames
    const wait = bucket.take(this.context.now())
    if (wait > 0) {
      connection.fail(new ProtocolError('rate_limited', 'too many frames', { retryAfterMs: wait }), decoded.ok ? about(decoded.frame) : { ref: decoded.ref })
      return
    }
    if (!decoded.ok) {
      this.refuse(connection, decoded)
      return
    }
    connection.badFrames = 0
    await this.dispatch(connection, decoded.frame)
  }

  private refuse(connection: Connection, { error, ref, room }: Decoded & { ok: false }): void {
    connection.fail(error, { ref, room })
    if (++connection.badFrames >= LIMITS.badFramesInARow) this.options.close(connection, CLOSE.badFrames, 'too many bad frames')
  }

  private async dispatch(connection: Connection, frame: ClientFrame): Promise<void> {
    try {
      if (connection.state.phase === 'waiting') {
        if (frame.type !== 'auth') throw new ProtocolError('unauthorized', 'send auth first')
        await authenticate(this.context, connection, frame)
      } else if (connection.state.phase === 'established') {
        const { user, orgId, peerId } = connection.state
        const result = await invoke(frame.type, this.context, { connection, user, orgId, peerId }, frame)
        if (result !== 'acked') connection.ack(frame.id, result ?? {})
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) this.options.onError(error, frame.type)
      connection.fail(error instanceof ProtocolError ? error : new ProtocolError('internal', 'the server failed to handle this'), about(frame))
    }
  }
}

function invoke<T extends ClientFrameType>(type: T, context: RealtimeContext, sender: Sender, frame: ClientFrame): ReturnType<Handler<T>> | AckResult {
  return (handlers[type] as Handler<T>)(context, sender, frame as ClientFrameOf<T>) as ReturnType<Handler<T>>
}

function about(frame: ClientFrame): { ref?: string, room?: string } {
  return { ref: frame.id, room: 'room' in frame ? frame.room : undefined }
}
