import { HTTP_STATUS, ProtocolError } from '#shared/protocol/errors'
import type { ErrorCode, ErrorReason } from '#shared/protocol/errors'

/** What a refused request is answered with (FRM-4). */
export interface RefusalBody {
  code: ErrorCode
  message: string
  retryable: boolean
  retry_after_ms?: number
  reason?: ErrorReason
}

/** A refusal that HTTP has a status of its own for, where the one of its error code says less: 405, 408, 415. */
export class HttpError extends ProtocolError {
  readonly status: number

  constructor(status: number, code: ErrorCode, message: string) {
    super(code, message)
    this.name = 'HttpError'
    this.status = status
  }
}

/** The status a refusal is answered with. */
export function statusOf(error: ProtocolError): number {
  return error instanceof HttpError ? error.status : HTTP_STATUS[error.code]
}

/** The body a refusal is answered with. */
export function refusalBody({ code, message, retryable, retryAfterMs, reason }: ProtocolError): RefusalBody {
  return { code, message, retryable, ...(retryAfterMs !== undefined && { retry_after_ms: retryAfterMs }), ...(reason !== undefined && { reason }) }
}
