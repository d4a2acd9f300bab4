import type { ErrorCode, ErrorReason } from '#shared/protocol/errors'
import type { ServerFrameOf } from '#shared/protocol/frames'

/** What the server sends as an `error` frame or an HTTP error body (FRM-4). */
export interface Refusal {
  code: ErrorCode
  message: string
  retryable: boolean
  retry_after_ms?: number
  reason?: ErrorReason
}

/** The server's words without the field's name before them (FRM-4), as a sentence. */
export function sentence(message: string): string {
  const words = message.replace(/^\w+: /, '')
  return words.charAt(0).toLocaleUpperCase() + words.slice(1) + (/[.!?…]$/.test(words) ? '' : '.')
}

/** A request that was refused or could not be made. Its message is for people. */
export class ChatError extends Error {
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly retryAfterMs?: number
  readonly reason?: ErrorReason

  constructor(refusal: Refusal, options?: ErrorOptions) {
    super(sentence(refusal.message), options)
    this.name = 'ChatError'
    this.code = refusal.code
    this.retryable = refusal.retryable
    this.retryAfterMs = refusal.retry_after_ms
    this.reason = refusal.reason
  }
}

/** A request that did not reach the server, or whose answer did not come back: worth another try. */
export function unavailable(message: string): ChatError {
  return new ChatError({ code: 'unavailable', message, retryable: true })
}

/** The error of an `error` frame. */
export function refused(frame: ServerFrameOf<'error'>): ChatError {
  return new ChatError(frame)
}

/** Reads the JSON error body of a failed `$fetch` (FRM-4); anything else counts as the server being away. */
export function fromFetch(error: unknown): ChatError {
  const data = (error as { data?: Partial<Refusal> } | null)?.data
  if (data?.code && data.message) return new ChatError({ code: data.code, message: data.message, retryable: data.retryable ?? false, retry_after_ms: data.retry_after_ms, reason: data.reason }, { cause: error })
  return new ChatError({ code: 'unavailable', message: 'The server could not be reached.', retryable: true }, { cause: error })
}
