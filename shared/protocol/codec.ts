import type { z } from 'zod'
import { clientFrameSchemas } from './client-frames'
import type { ClientFrame } from './client-frames'
import { ProtocolError } from './errors'
import { TOO_LARGE } from './fields'
import { LIMITS } from './limits'

/** A decoded client frame, or why it was refused, with the `id` to answer when there was a usable one. */
export type Decoded
  = | { ok: true, frame: ClientFrame }
    | { ok: false, error: ProtocolError, ref?: string, room?: string }

const schemas = new Map<string, z.ZodType<ClientFrame>>(Object.entries(clientFrameSchemas))

/**
 * Decodes one client frame from its JSON text (FRM-1 … FRM-7). Never throws.
 *
 * @param text the frame as it arrived, already within the frame size limit
 * @returns the frame with unknown fields dropped, or a `bad_frame` / `too_large` error that names the field
 */
export function decodeClientFrame(text: string): Decoded {
  if (nestingExceeds(text, LIMITS.nesting)) return refuse(`frame: nested deeper than ${LIMITS.nesting} levels`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse('frame: not JSON')
  }
  return decodeClientValue(value)
}

/** Decodes one client frame from an already parsed JSON value, as {@link decodeClientFrame} does. */
export function decodeClientValue(value: unknown): Decoded {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('frame: must be a JSON object')
  const raw = value as Record<string, unknown>
  const { ref, room } = frameNames(raw)
  if (!Object.hasOwn(raw, 'type') || typeof raw.type !== 'string') return refuse('type: is required and must be a string', ref)
  const schema = schemas.get(raw.type)
  if (!schema) return refuse(`type: unknown frame type "${raw.type.slice(0, 32).toWellFormed()}"`, ref)
  const parsed = schema.safeParse(raw)
  if (parsed.success) return { ok: true, frame: parsed.data }
  const issue = parsed.error.issues[0]
  const field = issue?.path.join('.') || 'frame'
  const code = issue?.code === 'custom' && issue.params?.code === TOO_LARGE ? 'too_large' : 'bad_frame'
  return { ok: false, error: new ProtocolError(code, `${field}: ${issue?.message ?? 'is not valid'}`), ref, room }
}

/** What an answer names of a frame that is not decoded: its `id` and its room, as far as they can be sent back (FRM-3, FRM-4). */
export function frameNames(value: unknown): { ref?: string, room?: string } {
  if (typeof value !== 'object' || value === null) return {}
  const { id, room } = value as Record<string, unknown>
  return { ...(isName(id) && { ref: id }), ...(isName(room) && { room }) }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LIMITS.idLength && value.isWellFormed()
}

/** Levels of a request around each of its frames: the body, and the list in it. */
const ENVELOPE = 2

/**
 * Parses the JSON of a request, whether it carries frames or fields.
 *
 * @param text at most as long as its carrier allows
 * @throws ProtocolError `bad_frame` for what is not JSON, or nests too deep to be handled safely
 */
export function parseJson(text: string): unknown {
  if (nestingExceeds(text, LIMITS.nesting + ENVELOPE)) throw new ProtocolError('bad_frame', `body: nested deeper than ${LIMITS.nesting} levels`)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ProtocolError('bad_frame', 'body: not JSON', { cause: error })
  }
}

function refuse(message: string, ref?: string): Decoded {
  return { ok: false, error: new ProtocolError('bad_frame', message), ref }
}

/** Where a string of JSON text ends that began before `from`: at its quote, or the text's end. */
function endOfString(text: string, from: number): number {
  for (let at = from; ;) {
    const quote = text.indexOf('"', at)
    if (quote === -1) return text.length
    let first = quote
    while (first > at && text.charCodeAt(first - 1) === 0x5C) first--
    // An even number of backslashes before it are characters of the string.
    if ((quote - first) % 2 === 0) return quote
    at = quote + 1
  }
}

/** Whether JSON text nests deeper than `limit`. A scan, because parsing and re-encoding deep text can exhaust the stack. */
function nestingExceeds(text: string, limit: number): boolean {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === 0x22) {
      i = endOfString(text, i + 1)
    } else if (char === 0x7B || char === 0x5B) {
      if (++depth > limit) return true
    } else if (char === 0x7D || char === 0x5D) {
      depth--
    }
  }
  return false
}
