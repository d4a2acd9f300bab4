import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { ProtocolError } from '#shared/protocol/errors'
import { LIMITS } from '#shared/protocol/limits'
import { HttpError } from './http-error'

/** Bytes of bodies that are in memory, all together and of each address: one bound for all requests, and a share of it each. */
export class BodyShares {
  private total = 0
  private readonly addresses = new Map<string, number>()

  constructor(private readonly limits: { total: number, perAddress: number }) {}

  /** @returns false where the bytes do not fit; then nothing is taken */
  take(address: string, bytes: number): boolean {
    const own = (this.addresses.get(address) ?? 0) + bytes
    if (own > this.limits.perAddress || this.total + bytes > this.limits.total) return false
    this.total += bytes
    this.addresses.set(address, own)
    return true
  }

  give(address: string, bytes: number): void {
    this.total -= bytes
    const left = (this.addresses.get(address) ?? 0) - bytes
    if (left > 0) this.addresses.set(address, left)
    else this.addresses.delete(address)
  }

  /** Bytes held now. */
  get held(): number {
    return this.total
  }
}

export interface BodyOptions {
  /** Bytes it may have. What counts is what arrives; what is declared only refuses sooner. */
  maxBytes: number
  address: string
  shares: BodyShares
}

/**
 * A request's body as text. The one place where bodies are read: it counts what arrives and stops reading where that is too
 * much, comes too slowly ({@link LIMITS.bodyMs}, and a second more for every {@link LIMITS.bodyBytesPerS} that came), or finds
 * no room. What is not read stays in the network, and the answer closes the connection (see `answer.ts`).
 *
 * @throws ProtocolError `too_large`, `rate_limited`; `bad_frame` for text that is not UTF-8, with 408 for one that is late and
 *   415 for one that is compressed, whose size nobody knows
 */
export async function readRequestText(request: IncomingMessage, { maxBytes, address, shares }: BodyOptions): Promise<string> {
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') throw new HttpError(415, 'bad_frame', 'body: must not be compressed')
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    await new Promise<void>((resolve, reject) => {
      const began = performance.now()
      let timer = setTimeout(late, LIMITS.bodyMs)

      function late(): void {
        const left = began + LIMITS.bodyMs + bytes / LIMITS.bodyBytesPerS * 1000 - performance.now()
        if (left > 0) timer = setTimeout(late, left)
        else done(new HttpError(408, 'bad_frame', 'body: came too slowly'))
      }
      function onData(chunk: Buffer): void {
        if (bytes + chunk.length > maxBytes) return done(tooLarge(maxBytes))
        if (!shares.take(address, chunk.length)) return done(new ProtocolError('rate_limited', 'body: too much is being sent at once', { retryAfterMs: 1000 }))
        bytes += chunk.length
        chunks.push(chunk)
      }
      const onEnd = (): void => done()
      const onGone = (): void => done(new ProtocolError('bad_frame', 'body: ended too soon'))
      function done(error?: ProtocolError): void {
        clearTimeout(timer)
        request.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone)
        // An error that comes after this one is no news.
        request.on('error', () => undefined)
        if (!error) return resolve()
        request.pause()
        reject(error)
      }
      if (request.destroyed && !request.complete) return onGone()
      request.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone)
    })
    const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
    if (!isUtf8(body)) throw new ProtocolError('bad_frame', 'body: must be UTF-8')
    return body.toString()
  } finally {
    shares.give(address, bytes)
  }
}

function tooLarge(maxBytes: number): ProtocolError {
  return new ProtocolError('too_large', `body: must be at most ${maxBytes} bytes`)
}
