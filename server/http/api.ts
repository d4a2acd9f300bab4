import { isError } from 'h3'
import type { EventHandler, H3Event } from 'h3'
import { ProtocolError } from '#shared/protocol/errors'
import { answer, answerRefusal } from './answer'
import { COMPRESS_FROM, compressed } from './compress'
import { HttpError } from './http-error'

/** What is polled is short and comes all the time: only what a join brings is worth it. */
const COMPRESS_LINES_FROM = 16 * 1024

/**
 * Answers a request of the API: what its handler returns is sent as JSON, text is JSON already, nothing is 204 where nothing was
 * sent. What a handler or the router throws is a refusal with the body all refusals have. Answers are personal: none is stored,
 * unless its handler says otherwise.
 */
export async function answerApi(event: H3Event, route: EventHandler, onError: (error: unknown, path: string) => void): Promise<void> {
  const { req, res } = event.node
  try {
    const value: unknown = await route(event)
    if (event.handled || res.destroyed) return
    if (!res.hasHeader('Cache-Control')) res.setHeader('Cache-Control', 'no-store')
    if (value === undefined || value === null) return answer(req, res, res.statusCode === 200 ? 204 : res.statusCode, {}, '')
    const json = typeof value === 'string' ? value : JSON.stringify(value)
    res.setHeader('Content-Type', 'application/json')
    if ('__unenv__' in req || json.length < (event.path.startsWith('/api/chat/') ? COMPRESS_LINES_FROM : COMPRESS_FROM)) return answer(req, res, res.statusCode, {}, json)
    const { body, encoding } = await compressed(json, req.headers['accept-encoding']?.toString())
    res.appendHeader('Vary', 'Accept-Encoding')
    answer(req, res, res.statusCode, encoding ? { 'Content-Encoding': encoding } : {}, body)
  } catch (error) {
    if (event.handled) return onError(error, event.path)
    answerRefusal(req, res, asRefusal(error, event, onError))
  }
}

function asRefusal(error: unknown, event: H3Event, onError: (error: unknown, path: string) => void): ProtocolError {
  if (error instanceof ProtocolError) return error
  if (isError(error)) {
    if (error.statusCode === 404) return new ProtocolError('not_found', 'there is nothing at this address')
    if (error.statusCode < 500) return new HttpError(error.statusCode, 'bad_frame', error.statusMessage ?? 'is not valid')
  }
  onError(error, event.path.split('?')[0]!)
  return new ProtocolError('internal', 'the server failed to handle this')
}
