import type { ServerResponse } from 'node:http'
import { LIMITS } from '#shared/protocol/limits'
import { OutgoingFrame } from '../outgoing'
import { Gate } from './posted'
import type { PostedTransport } from './posted'

/** How long a client may take to read its last frames before its socket is cut. */
const CLOSE_TIMEOUT_MS = 5000

const HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  // nginx would otherwise collect events until a buffer is full.
  'X-Accel-Buffering': 'no',
}

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
  response.writeHead(200, HEADERS)
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
      const text = frames.map(frame => asEvent(frame, idRoom)).join('')
      response.write(text)
      return Buffer.byteLength(text)
    },
    close(code, reason) {
      if (ended) return
      ended = true
      response.end(new OutgoingFrame({ type: 'connection.closed', code, reason }).eventText)
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

function asEvent({ frame, eventText }: OutgoingFrame, idRoom: string | undefined): string {
  if (idRoom !== undefined && 'seq' in frame && frame.seq !== undefined && 'room' in frame && frame.room === idRoom) return `id: ${frame.seq}\n${eventText}`
  // A browser's own EventSource comes back after what `retry` says, so that a drain is kept to without any script (CON-7).
  if (frame.type === 'server.closing') return `retry: ${frame.retry_in_ms}\n${eventText}`
  return eventText
}
