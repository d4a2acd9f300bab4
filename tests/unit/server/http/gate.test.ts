import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { CHANGING_GETS, corsHeaders, refusalAtGate } from '../../../../server/http/gate'
import { statusOf } from '../../../../server/http/http-error'

const API = fileURLToPath(new URL('../../../../server/api', import.meta.url))
const routes = readdirSync(API, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  .map(entry => relative(API, join(entry.parentPath, entry.name)))

/** Routes whose GET only reads. A new one is either here or in `CHANGING_GETS`. */
const READING = [
  'health', 'ice-servers', 'session', 'transport', 'rooms', 'rooms/[room]', 'rooms/[room]/log', 'rooms/[room]/messages',
  'rooms/[room]/search', 'ai-agent/agents', 'ai-agent/sessions', 'ai-agent/sessions/[id]', 'personas', 'personas/usage', 'personas/[id]/versions',
]

const options = { allowedHosts: new Set<string>(), allowedOrigins: new Set(['https://partner.example']), trustProxy: false, draining: false }

function refused(method: string, path: string, headers: Record<string, string> = {}, more = {}): number | undefined {
  const refusal = refusalAtGate({ method, path, headers: { host: 'localhost:3000', ...headers }, localAddress: '127.0.0.1' }, { ...options, ...more })
  return refusal && statusOf(refusal)
}

describe('every route of the API', () => {
  it('reads bodies by the one reader that counts, and by nothing of the framework', () => {
    const reads = /\b(?:readBody|readRawBody|readValidatedBody|readFormData|readMultipartFormData|toWebRequest|getRequestWebStream|proxyRequest|sendProxy)\b|for await \([^)]*req\b|req\.on\('data'/
    const sources = readdirSync(join(API, '..'), { recursive: true, withFileTypes: true }).filter(entry => entry.isFile() && entry.name.endsWith('.ts')).map(entry => join(entry.parentPath, entry.name))
    expect(sources.filter(file => reads.test(readFileSync(file, 'utf8'))).map(file => relative(API, file))).toEqual([])
  })

  it('has its GET listed as one that reads or as one that changes', () => {
    const gets = routes.filter(route => route.endsWith('.get.ts')).map(route => route.replace(/\.get\.ts$/, '').replace(/\/index$/, ''))
    expect(gets.filter(route => CHANGING_GETS.test(`/api/${route}`)).sort()).toEqual(['ai-agent/stream/[streamId]', 'chat/lines/stream', 'chat/poll', 'chat/stream'])
    expect(gets.filter(route => !CHANGING_GETS.test(`/api/${route}`)).sort()).toEqual([...READING].sort())
    // Two files take every method: the socket, which has a gate of its own, and the one that refuses what is none.
    expect(routes.filter(route => !/\.(?:get|post|put|patch|delete)\.ts$/.test(route)).sort()).toEqual(['[...].ts', 'chat.ws.ts'])
  })
})

describe('a GET that changes something', () => {
  const lines = ['/api/chat/stream', '/api/chat/stream/', '/api/chat/poll', '/api/chat/lines/stream', '/api/ai-agent/stream/abc']

  it.each(lines)('[CON-1] %s is not for links, frames and pictures of other pages', (path) => {
    for (const site of ['cross-site', 'same-site']) expect(refused('GET', path, { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' }), site).toBe(403)
    for (const site of ['cross-site', 'same-site', 'same-origin', 'none']) expect(refused('GET', path, { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate' }), site).toBe(403)
    // On plain HTTP a browser says no more than what it would like.
    expect(refused('GET', path, { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' })).toBe(403)
    expect(refused('GET', path, { origin: 'https://elsewhere.example' })).toBe(403)
  })

  it.each(lines)('%s is for our own pages, for pages of allowed origins and for programs', (path) => {
    expect(refused('GET', path)).toBeUndefined()
    expect(refused('GET', path, { accept: 'text/event-stream' })).toBeUndefined()
    expect(refused('GET', path, { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' })).toBeUndefined()
    expect(refused('GET', path, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', 'origin': 'https://partner.example' })).toBeUndefined()
    expect(refused('GET', path, { accept: 'text/html, image/gif, *; q=.2', authorization: 'Bearer x' })).toBeUndefined()
  })
})

describe('the gate', () => {
  it('lets reads pass whoever asks, and refuses what changes from elsewhere', () => {
    expect(refused('GET', '/api/rooms', { 'origin': 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' })).toBeUndefined()
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      expect(refused(method, '/api/session', { origin: 'https://elsewhere.example' })).toBe(403)
      expect(refused(method, '/api/session', { origin: 'null' })).toBe(403)
      expect(refused(method, '/api/session', { 'sec-fetch-site': 'cross-site' })).toBe(403)
      expect(refused(method, '/api/session', { 'origin': 'http://localhost:3000', 'sec-fetch-site': 'same-origin' })).toBeUndefined()
      expect(refused(method, '/api/session')).toBeUndefined()
    }
  })

  it('[CON-1] knows no name that somebody else can have lead here, whatever is asked for; but says whether it lives', () => {
    const host = { host: 'evil', origin: 'http://evil' }
    for (const path of ['/', '/r/lobby', '/api/session', '/api/rooms', '/_nuxt/entry.js', '/nowhere']) expect(refused('GET', path, host), path).toBe(421)
    expect(refused('POST', '/api/session', host)).toBe(421)
    expect(refused('GET', '/api/health', host)).toBeUndefined()
  })

  it('reads pages and files only, and has nothing at Nuxt\'s own addresses', () => {
    for (const path of ['/', '/r/lobby', '/nowhere', '/_nuxt/x.js']) expect(refused('POST', path), path).toBe(405)
    for (const path of ['/__nuxt_island/x', '/__nuxt_error', '/api/_nuxt_icon/lucide']) expect(refused('GET', path), path).toBe(404)
    expect(refused('POST', '/__nuxt_island/x')).toBe(404)
  })

  it('[CON-7] takes nobody new on the way down, and keeps those who are connected', () => {
    const draining = { draining: true }
    for (const path of ['/', '/api/session', '/api/ai-agent/sessions']) expect(refused('GET', path, {}, draining), path).toBe(503)
    for (const path of ['/api/chat/poll', '/api/rooms/lobby/log', '/api/health']) expect(refused('GET', path, {}, draining), path).toBeUndefined()
  })

  it('lets pages of allowed origins read answers, and no others', () => {
    expect(corsHeaders({ path: '/api/rooms', headers: { origin: 'https://partner.example' } }, options.allowedOrigins)).toMatchObject({ 'Access-Control-Allow-Origin': 'https://partner.example', 'Vary': 'Origin' })
    expect(corsHeaders({ path: '/api/rooms', headers: { origin: 'https://elsewhere.example' } }, options.allowedOrigins)).toBeUndefined()
    expect(corsHeaders({ path: '/', headers: { origin: 'https://partner.example' } }, options.allowedOrigins)).toBeUndefined()
  })
})
