import { z } from 'zod'
import { emojiOf } from '../text/emoji'
import { isVisible, tidied } from '../text/visible'
import { LIMITS } from './limits'

const encoder = new TextEncoder()

/** Length of a string in UTF-8 bytes. */
export function utf8Bytes(text: string): number {
  return encoder.encode(text).byteLength
}

/** A string without lone surrogates: those cannot be written as UTF-8 and would be altered on the way (FRM-8). */
export const unicode = z.string().refine(value => value.isWellFormed(), 'must be well-formed Unicode')

/** Marks a refinement whose failure is a size, so that it is answered with `too_large` and not `bad_frame`. */
export const TOO_LARGE = 'too_large'

/** What a room is addressed by: its name, where its kind has one, or `~` and its id (ACC-1). */
export const roomAddress = z.string().regex(/^(?:[a-z0-9][a-z0-9-]{0,63}|~[0-9a-z]{1,63})$/, 'must be 1 to 64 of a-z, 0-9 and -, not starting with -, or ~ and an id')
export const identifier = unicode.min(1, 'must not be empty').max(LIMITS.idLength, `must be at most ${LIMITS.idLength} characters`)
export const peerId = identifier
export const peerKey = unicode.min(LIMITS.peerKeyMin, `must be at least ${LIMITS.peerKeyMin} characters`).max(LIMITS.peerKeyMax, `must be at most ${LIMITS.peerKeyMax} characters`)
export const sequence = z.number().int('must be a whole number').min(0, 'must not be negative').max(Number.MAX_SAFE_INTEGER)
/** One emoji, in its full form (LOG-5). */
export const emoji = unicode.trim()
  .max(LIMITS.emojiLength, `must be at most ${LIMITS.emojiLength} characters`)
  .transform(value => emojiOf(value) ?? '')
  .pipe(z.string().min(1, 'must be an emoji'))

/** A name a person chose, or a title: one line with something to see, without control or direction-override characters (FRM-9). */
export const personName = unicode
  .refine(value => !/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u.test(value.replace(/\s/g, ' ')), 'must not contain control characters')
  .transform(tidied)
  .pipe(z.string()
    .min(1, 'must not be empty')
    .refine(isVisible, 'must have something to see')
    .max(LIMITS.nameLength, `must be at most ${LIMITS.nameLength} characters`))

/** A message's text: 1 to 16,384 bytes after trimming (FRM-5), with something to see (FRM-9). */
export const messageText = unicode.trim()
  .min(1, 'must not be empty')
  .refine(value => value === '' || isVisible(value), 'must have something to see')
  .refine(value => utf8Bytes(value) <= LIMITS.textBytes, { message: `must be at most ${LIMITS.textBytes} bytes`, params: { code: TOO_LARGE } })

/** A WebRTC signal: opaque to the server, bounded in size (RTC-1). */
export const signal = z.unknown()
  .refine(value => value !== undefined && value !== null, 'is required')
  .refine(value => utf8Bytes(JSON.stringify(value) ?? '') <= LIMITS.signalBytes, { message: `must be at most ${LIMITS.signalBytes} bytes`, params: { code: TOO_LARGE } })

/** What may carry a client's frames, and what may be asked for (FLAG-1). */
export const TRANSPORTS = ['websocket', 'sse', 'polling'] as const
export const transportChoice = z.enum(['auto', ...TRANSPORTS])
export type TransportChoice = z.infer<typeof transportChoice>

export const attachment = z.object({
  id: identifier,
  name: unicode.max(255),
  type: unicode.max(127),
  size: sequence,
})

export const mediaState = z.object({
  in_call: z.boolean(),
  mic: z.boolean(),
  cam: z.boolean(),
  screen: z.boolean(),
  hand: z.boolean(),
})
