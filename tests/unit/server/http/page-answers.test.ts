import { createServer, get } from 'node:http'
import type { IncomingHttpHeaders, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp, createError, eventHandler, setResponseHeader, toNodeListener } from 'h3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { brotliDecompressSync } from 'node:zlib'
import { answerRefusal } from '../../../../server/http/answer'
import { Pages } from '../../../../server/http/pages'
import type { ProtocolError } from '../../../../shared/protocol/errors'

let server: Server
let rendered: string[]
let hold: Promise<void> | undefined

/** An application that renders pages as Nuxt does: a nonce of each, in the page and in its policy. */
beforeEach(async () => {
  rendered = []
  hold = undefined
  const app = createApp({
    onBeforeResponse: (event, response) => pages.leaving(event, response),
    onError: (error, event) => void event.node.res.writeHead(error.statusCode, { 'content-type': 'text/html' }).end('sorry'),
  })
  app.use(eventHandler(async (event) => {
    await hold
    rendered.push(event.path)
    const nonce = `nonce${rendered.length}`
    Object.assign(event.context, { security: { nonce } })
    if (event.path === '/nowhere') throw createError({ statusCode: 404 })
    setResponseHeader(event, 'content-type', 'text/html;charset=utf-8')
    setResponseHeader(event, 'content-security-policy', `script-src 'nonce-${nonce}'`)
    setResponseHeader(event, 'x-frame-options', 'SAMEORIGIN')
    if (event.path === '/r/greeted') setResponseHeader(event, 'set-cookie', 'a=b')
    return `<!doctype html><script nonce="${nonce}"></script>${'<p>words</p>'.repeat(500)}`
  }))
  const others = app.handler
  const pages = new Pages(app, others)
  app.handler = eventHandler(event => pages.answer(event, event.node.req.url!.split('?')[0]!, 'here', async () => undefined).catch((error: ProtocolError) => answerRefusal(event.node.req, event.node.res, error)))
  server = createServer(toNodeListener(app))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

function ask(path: string, headers: Record<string, string> = {}): Promise<{ status: number, headers: IncomingHttpHeaders, body: Buffer }> {
  return new Promise((resolve, reject) => {
    get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk)).on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }))
    }).on('error', reject)
  })
}

describe('pages as they leave', () => {
  it('a visitor\'s page is rendered once for many, and each response has a nonce of its own, in page and policy', async () => {
    const all = await Promise.all(Array.from({ length: 30 }, () => ask('/')))
    expect(rendered).toEqual(['/'])
    const nonces = all.map(({ body }) => /nonce="([^"]+)"/.exec(String(body))![1]!)
    expect(new Set(nonces).size).toBe(30)
    all.forEach(({ status, headers }, i) => expect([status, headers['content-security-policy'], headers['x-frame-options'], headers['content-type']]).toEqual([200, `script-src 'nonce-${nonces[i]}'`, 'SAMEORIGIN', 'text/html;charset=utf-8']))
  })

  it('who is signed in gets a page of their own, and what sets a cookie is kept for nobody', async () => {
    for (const headers of [{ cookie: 'lastra_session=a' }, { cookie: 'lastra_session=b' }, { authorization: 'Bearer c' }] as Record<string, string>[]) await ask('/', headers)
    await ask('/r/greeted')
    expect((await ask('/r/greeted')).headers['set-cookie']).toEqual(['a=b'])
    expect(rendered).toHaveLength(5)
  })

  it('are compressed for those who take it, kept or not, and say so', async () => {
    const plain = await ask('/')
    for (const path of ['/', '/agents']) {
      const { headers, body } = await ask(path, { 'accept-encoding': 'gzip, br' })
      expect([headers['content-encoding'], headers.vary, headers['content-length']]).toEqual(['br', 'Accept-Encoding', String(body.length)])
      expect(body.length).toBeLessThan(plain.body.length / 5)
      expect(String(brotliDecompressSync(body))).toMatch(/<p>words<\/p>$/)
    }
    expect([plain.headers['content-encoding'], plain.headers.vary]).toEqual([undefined, 'Accept-Encoding'])
  })

  it('those that would wait for too long are refused with 503 and a time to come back', async () => {
    let go = (): void => undefined
    hold = new Promise(resolve => go = resolve)
    const asked = Array.from({ length: 20 }, (_, i) => ask(`/agents/${i}`))
    const first = await Promise.race(asked)
    expect([first.status, first.headers['retry-after']]).toEqual([503, '2'])
    go()
    const statuses = (await Promise.all(asked)).map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([200, 503]))
    expect(statuses.filter(status => status === 503).length).toBeLessThanOrEqual(4)
  })

  it('a page that is none says so, in the same turn', async () => {
    expect(await ask('/nowhere')).toMatchObject({ status: 404, body: Buffer.from('sorry') })
    expect((await ask('/')).status).toBe(200)
  })
})
