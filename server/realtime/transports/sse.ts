import type { ServerResponse } from 'node:http'
import { LIMITS } from '#shared/protocol/limits'
import { OutgoingFrame } from '../outgoing'
import { Batch } from './batch'
import { Gate } from './posted'
import type { PostedTransport } from './posted'

/** How long a client may take to read its last frames before its socket is cut. */
const CLOSE_TIMEOUT_MS = 5000

/** The headers of every stream of frames. */
export const STREAM_HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  // nginx would otherwise collect events until a buffer is full.
  'X-Accel-Buffering': 'no',
  // The stream ends with its connection (RFC 9112, section 6.3, item 8): an event then goes out as it is, the same bytes to every
  // member of a room, where chunks would have to be framed for each.
  'Connection': 'close',
}

/** One for all streams: what it saves is what they have in common. */
const batch = new Batch()

/**
 * A response as a stream of events (SSE-1). It is written to directly, because only the response itself tells how much the
 * network has not taken yet.
 *
 * @param idRoom the one room the stream was opened for: its entries carry `id`, so that `Last-Event-ID` resumes it (FRM-2)
 * @param now milliseconds of the hub's clock
 */
export function createSseTransport(response: ServerResponse, idRoom: string | undefined, now: number): PostedTransport {
  const gate = new Gate()
  let ended = false
  let wroteAt = now
  response.removeHeader('Transfer-Encoding')
  response.writeHead(200, STREAM_HEADERS)
  response.flushHeaders()
  // A write that races the client's going away is no news: `close` tells of it.
  response.on('error', () => undefined)

  return {
    kind: 'sse',
    stalledMs: LIMITS.stalledMs,
    get bufferedBytes() {
      return response.writableLength
    },
    write(frames) {
      if (ended || response.destroyed) return 0
      const { shared, own } = batch.put(frames.map(frame => asEvent(frame, idRoom)))
      response.write(shared)
      if (own) response.write(own)
      return shared.length + (own?.length ?? 0)
    },
    close(code, reason) {
      if (ended) return
      ended = true
      response.end(new OutgoingFrame({ type: 'connection.closed', code, reason }).eventBytes)
      const cut = setTimeout(() => response.destroy(), CLOSE_TIMEOUT_MS)
      cut.unref()
      response.once('close', () => clearTimeout(cut))
    },
    beat(at) {
      if (ended || at - wroteAt < LIMITS.streamCommentMs) return
      wroteAt = at
      response.write(':\n\n')
    },
    pause: paused => gate.pause(paused),
    reading: () => gate.passed(),
  }
}

function asEvent(outgoing: OutgoingFrame, idRoom: string | undefined): Buffer {
  const { frame } = outgoing
  const isNumbered = idRoom !== undefined && 'seq' in frame && frame.seq !== undefined && 'room' in frame && frame.room === idRoom
  return isNumbered ? outgoing.numberedEventBytes : outgoing.eventBytes
}
