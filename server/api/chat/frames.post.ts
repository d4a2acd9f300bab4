import type { H3Event } from 'h3'
import { z } from 'zod'
import { parseJson } from '#shared/protocol/codec'
import { ProtocolError } from '#shared/protocol/errors'
import { identifier } from '#shared/protocol/fields'
import { LIMITS } from '#shared/protocol/limits'
import type { Lastra } from '../../lastra'
import { longPieces } from '../../limits/long-pieces'

const body = z.object({
  connection_id: identifier,
  frames: z.array(z.unknown()).min(1, 'must not be empty').max(LIMITS.framesPerPost, `must be at most ${LIMITS.framesPerPost}`),
})

/** Takes a client's frames for a stream or poll of its own, and gives their replies in order (SSE-3). */
export default defineRoute('POST /api/chat/frames', async ({ event, lastra, identity: { user } }) => {
  const text = await readCounted(event, lastra, user.id)
  const isLong = text.length > LIMITS.frameBytes
  if (isLong) await longPieces.turn()
  const { connection_id, frames } = parse(body, parseJson(text))
  if (isLong) await longPieces.turn()
  // A short request holds no long frame; only a long one is measured piece by piece.
  if (text.length * 3 > LIMITS.frameBytes && frames.some(frame => Buffer.byteLength(JSON.stringify(frame)) > LIMITS.frameBytes)) {
    throw new ProtocolError('too_large', `frames: each must be at most ${LIMITS.frameBytes} bytes`)
  }
  return lastra.lines.frames(user.id, connection_id, frames)
})

/** The body as text, as far as its user may send so much: what is refused is not parsed, and where it says its length not even read (CON-6). */
async function readCounted(event: H3Event, lastra: Lastra, userId: string): Promise<string> {
  const { admission, now } = lastra.realtime.context
  const address = requestAddress(event, lastra)
  const count = (bytes: number, read: boolean): void => {
    const wait = admission.body(userId, address, Math.min(bytes, LIMITS.postBytes), read, now())
    if (wait === 0) return
    throw new ProtocolError('rate_limited', 'frames: too many bytes', { retryAfterMs: wait })
  }
  count(Number(event.node.req.headers['content-length'] ?? 0), false)
  const text = await readText(event, lastra, LIMITS.postBytes)
  count(Buffer.byteLength(text), true)
  return text
}
