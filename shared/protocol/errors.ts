/** The codes an `error` frame or an HTTP error body may carry (FRM-4). */
export const ERROR_CODES = [
  'bad_frame', 'unauthorized', 'forbidden', 'not_found', 'conflict', 'too_large',
  'rate_limited', 'peer_gone', 'unavailable', 'internal',
] as const

export type ErrorCode = typeof ERROR_CODES[number]

/** Why somebody is refused, where a client can do something about it; words are the client's own business. */
export const ERROR_REASONS = ['locked', 'removed', 'budget'] as const

export type ErrorReason = typeof ERROR_REASONS[number]

const RETRYABLE: ReadonlySet<ErrorCode> = new Set(['rate_limited', 'peer_gone', 'unavailable', 'internal'])

/** A refusal that reaches the client as an `error` frame (FRM-4) or an HTTP error. Its message is safe to show. */
export class ProtocolError extends Error {
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly retryAfterMs?: number
  readonly reason?: ErrorReason

  constructor(code: ErrorCode, message: string, options: { retryAfterMs?: number, reason?: ErrorReason, cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.name = 'ProtocolError'
    this.code = code
    this.retryable = RETRYABLE.has(code)
    this.retryAfterMs = options.retryAfterMs
    this.reason = options.reason
  }
}

/** The HTTP status that says the same as an error code. */
export const HTTP_STATUS: Record<ErrorCode, number> = {
  bad_frame: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  rate_limited: 429,
  peer_gone: 410,
  unavailable: 503,
  internal: 500,
}
