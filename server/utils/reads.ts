import { ServerResponse } from 'node:http'
import type { H3Event } from 'h3'
import { ProtocolError } from '#shared/protocol/errors'
import type { JsonOf } from '#shared/protocol/http'
import type { Lastra } from '../lastra'
import type { Receiver } from '../realtime/unsent'

/** When to ask again for what would be too much at once. */
const RETRY_MS = 1000

/**
 * Answers with what was read of a room, as far as its reader may read and take so much: who asks for long pages all the time has to
 * wait, and answers that nobody takes count towards what waits for a user, an address and all (BP-3).
 *
 * @param userId who reads
 * @param read reads it
 * @returns the JSON
 * @throws ProtocolError `rate_limited`, and what reading throws
 */
export async function sendRead<T>(event: H3Event, lastra: Lastra, userId: string, read: () => Promise<T>): Promise<JsonOf<T>> {
  const { admission, unsent, now } = lastra.realtime.context
  const reader = { userId, address: requestAddress(event, lastra) }
  const wait = admission.readWait(reader, now())
  if (wait > 0) throw new ProtocolError('rate_limited', 'too much was read', { retryAfterMs: wait })
  const json = JSON.stringify(await read())
  admission.hasRead(reader, json.length, now())
  if (unsent.isFull(reader, json.length)) throw new ProtocolError('rate_limited', 'too much is on its way to you already', { retryAfterMs: RETRY_MS })
  const { res } = event.node
  // A page that is rendered here asks without a network: its answer is never taken, nor closed.
  if (res instanceof ServerResponse && !res.destroyed) {
    const receiver: Receiver = { ...reader, unsentBytes: json.length, ended: false, giveUp: () => res.destroy() }
    unsent.note(receiver)
    res.once('close', () => unsent.forget(receiver))
  }
  return json
}
