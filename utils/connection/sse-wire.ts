import { readEvents } from './event-stream'
import type { HttpAccess } from './http-wire'
import { HttpWire, SILENCE_MS } from './http-wire'
import type { OpenWire } from './wire'
import { BROKEN, parseFrame } from './wire'
import { CLOSE } from '#shared/protocol/limits'

/**
 * A stream of server-sent events down, requests up (SSE-1 … SSE-3). Read with `fetch`, because an `EventSource` sees no
 * status and hides events it has no listener for.
 */
export function createSseWire(access: HttpAccess): OpenWire {
  return (events) => {
    const wire = new HttpWire(access, events)
    void read(wire)
    return wire
  }
}

async function read(wire: HttpWire): Promise<void> {
  // A refusal has to be found before the stream, or it becomes a loop of reconnects (SSE-2).
  if (!await wire.ask('POST', '/api/chat/stream')) return
  const body = await wire.stream('/api/chat/stream', { query: wire.peer, accept: 'text/event-stream' })
  if (!body) return
  try {
    await readEvents(body, {
      silenceMs: SILENCE_MS,
      onSilence: () => wire.end({ code: CLOSE.timeout, reason: 'silent' }),
      isOver: () => wire.isEnded,
      onEvent({ data }) {
        const frame = parseFrame(data)
        if (frame) wire.receive(frame, data.length)
      },
    })
    wire.end({ code: BROKEN, reason: 'stream ended' })
  } catch {
    wire.end({ code: BROKEN, reason: 'network' })
  }
}
