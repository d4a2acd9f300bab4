import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { eventHandler } from 'h3'
import type { H3Event } from 'h3'
import { decodePath } from 'ufo'
import { getAsset } from '#nitro-internal-virtual/public-assets'
import docs from '#docs'
import { ProtocolError } from '#shared/protocol/errors'
import { pageSlug } from '../docs/pages'
import { tokenOf } from '../auth/requests'
import { answer, answerRefusal, boundRest } from '../http/answer'
import { answerApi } from '../http/api'
import { CHANGING_GETS, corsHeaders, refusalAtGate } from '../http/gate'
import { statusOf } from '../http/http-error'
import { openAnswers } from '../http/open-answers'
import { Pages } from '../http/pages'
import type { Lastra } from '../lastra'

/** Longer than proxies keep a connection they do not use (nginx: 60 s): otherwise one sends a request just as we close. */
const KEEP_ALIVE_MS = 75_000

const DOCS = new Set(docs.map(({ path }) => `/docs/${pageSlug(path)}`))

/**
 * What every request passes before anything else sees it: pages, files, the API and addresses that do not exist alike. It stands in
 * front of Nitro's own hooks and middleware, in development as in production; requests of the API go from here straight to their
 * route, with the headers every answer has.
 */
export default defineNitroPlugin((nitroApp) => {
  const { h3App, router } = nitroApp
  const others = h3App.handler
  const pages = new Pages(h3App, others)
  let ofAll: Record<string, string> | undefined
  nitroApp.hooks.hook('beforeResponse', (event, response) => pages.leaving(event, response))

  h3App.handler = eventHandler(async (event) => {
    const { req, res } = event.node
    const lastra = await nitroApp.lastra
    event._path = decoded(req.url ?? '/')
    const path = pathOf(event._path)
    const isApi = path.startsWith('/api/')
    if (isApi) for (const [name, value] of Object.entries(ofAll ??= getRouteRules(event).headers ?? {})) res.setHeader(name, value)
    // A page rendered here asks the API from within: there is no connection then, and nobody to be kept out.
    if (!('__unenv__' in req)) {
      openAnswers.add(req, res)
      // Nitro believes these of anybody, and fails on one that is no host.
      if (!lastra.config.trustProxy) for (const name of ['x-forwarded-host', 'x-forwarded-proto']) Reflect.deleteProperty(req.headers, name)
      if (openAnswers.server) openAnswers.server.keepAliveTimeout = KEEP_ALIVE_MS
      boundRest(req, res)
      const asked = { method: event.method, path, headers: req.headers, localAddress: req.socket.localAddress, encrypted: isEncrypted(req.socket) }
      const refusal = refusalAtGate(asked, { ...lastra.config, draining: lastra.draining })
      if (refusal) return refuse(event, isApi, refusal)
      const cors = corsHeaders(asked, lastra.config.allowedOrigins)
      for (const [name, value] of Object.entries(cors ?? {})) res.setHeader(name, value as string)
      if (cors && event.method === 'OPTIONS') return answer(req, res, 204, {}, '')
      if (!isApi && !import.meta.dev && !isFile(path)) {
        // A file of a build that is gone: who asks for it wants no page.
        if (path.startsWith('/_nuxt/')) return refuse(event, isApi, new ProtocolError('not_found', 'there is no such file'))
        return pages.answer(event, path, requestAddress(event, lastra), () => personOf(event, lastra)).catch((error: unknown) => {
          if (!(error instanceof ProtocolError)) throw error
          refuse(event, isApi, error)
        })
      }
    }
    if (!isApi) return others(event)
    // Who only asks for the headers gets those of the answer; Node leaves the body out.
    if (event.method === 'HEAD' && !CHANGING_GETS.test(path)) event._method = 'GET'
    await answerApi(event, router.handler, (error, where) => lastra.logger.error({ err: error, path: where }, 'request failed'))
  })
})

/** Whose token a request carries. */
async function personOf(event: H3Event, { identities }: Lastra): Promise<string | undefined> {
  const token = tokenOf(event.node.req.headers)
  return token === undefined ? undefined : (await identities.verify(token))?.user.id
}

/** What costs nothing to answer: files of the build, and the docs, which are rendered once. */
function isFile(path: string): boolean {
  return getAsset(path) !== undefined || DOCS.has(path)
}

/** Refuses a request: in JSON where it is of the API, in words where it is of a page. */
function refuse(event: H3Event, isApi: boolean, error: ProtocolError): void {
  const { req, res } = event.node
  if (isApi) return answerRefusal(req, res, error)
  answer(req, res, statusOf(error), {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Security-Policy': 'default-src \'none\'',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    ...(error.retryAfterMs !== undefined && { 'Retry-After': Math.ceil(error.retryAfterMs / 1000) }),
  }, `${error.message}\n`)
}

/** An address as its route is found by: decoded, but for escaped percent signs, so that decoding it again changes nothing. */
function decoded(url: string): string {
  const path = pathOf(url)
  return path.includes('%') ? decodePath(path.replaceAll('%25', '%2525')) + url.slice(path.length) : url
}

function pathOf(url: string): string {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}

function isEncrypted(socket: Socket): boolean {
  return (socket as Partial<TLSSocket>).encrypted === true
}
