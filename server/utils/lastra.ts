import type { H3Event } from 'h3'
import type { Identity } from '../auth/types'
import { addressOf, tokenOf } from '../auth/requests'
import type { Lastra } from '../lastra'
import { readRequestText } from '../http/body'
import { parseJson } from '#shared/protocol/codec'
import { ProtocolError } from '#shared/protocol/errors'
import type { z } from 'zod'

declare module 'nitropack' {
  interface NitroApp {
    /** The running core; pending while the database opens. */
    lastra: Promise<Lastra>
  }
}

/** The running core, once it is ready. */
export function useLastra(): Promise<Lastra> {
  return useNitroApp().lastra
}

/** Who a request is from, if it says so. @throws ProtocolError `rate_limited` for one who asks too often */
export async function findIdentity(event: H3Event, lastra: Lastra): Promise<Identity | undefined> {
  const token = tokenOf(event.node.req.headers)
  const identity = token === undefined ? undefined : await lastra.identities.verify(token)
  // A page rendered on the server asks from within, where a visitor has no address: one bucket for all of those would let
  // one of them use up everybody's.
  const key = identity?.user.id ?? (event.node.req.socket.remoteAddress ? requestAddress(event, lastra) : undefined)
  const wait = key === undefined ? 0 : lastra.requests.take(key, performance.now())
  if (wait > 0) throw new ProtocolError('rate_limited', 'too many requests', { retryAfterMs: wait })
  return identity
}

/** Who a request is from. @throws ProtocolError `unauthorized`, or `rate_limited` for one who asks too often */
export async function requireIdentity(event: H3Event, lastra: Lastra): Promise<Identity> {
  const identity = await findIdentity(event, lastra)
  if (!identity) throw new ProtocolError('unauthorized', 'sign in first')
  return identity
}

/** Checks a query or body against its schema. @throws ProtocolError `bad_frame` that names the field */
export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new ProtocolError('bad_frame', `${issue?.path.join('.') || 'request'}: ${issue?.message ?? 'is not valid'}`)
}

/**
 * A request's JSON body.
 *
 * @param maxBytes bytes it may have at most
 * @throws ProtocolError `bad_frame` for what is not JSON or nests too deep, `too_large`, `rate_limited` (see `server/http/body.ts`)
 */
export async function readJsonBody(event: H3Event, lastra: Lastra, maxBytes: number): Promise<unknown> {
  return parseJson(await readText(event, lastra, maxBytes))
}

/** A request's body as text, read no further than `maxBytes`. @throws as {@link readJsonBody} */
export function readText(event: H3Event, lastra: Lastra, maxBytes: number): Promise<string> {
  return readRequestText(event.node.req, { maxBytes, address: requestAddress(event, lastra), shares: lastra.bodies })
}

/** The address a request came from. */
export function requestAddress(event: H3Event, { config }: Lastra): string {
  return addressOf(event.node.req.headers, event.node.req.socket.remoteAddress, config.trustProxy)
}
