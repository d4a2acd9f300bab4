import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { compressed, encodingFor } from '../../../../server/http/compress'
import { isShared, PageCache, withNonce } from '../../../../server/http/page-cache'
import { withOrigin } from '../../../../server/http/page-origin'
import { PageQueue } from '../../../../server/http/page-queue'
import { ORIGIN_MARK } from '../../../../shared/origin-mark'

const here = (): boolean => false

/** Work that blocks as rendering does. */
function block(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

describe('what is expensive and anonymous has a bound', () => {
  it('one page at a time, in turns of addresses, and what would wait too long is refused', async () => {
    const queue = new PageQueue({ waiting: 6, perAddress: 4, longestMs: 1000 })
    const order: string[] = []
    let atOnce = 0
    let most = 0
    const render = (name: string) => async (): Promise<void> => {
      most = Math.max(most, ++atOnce)
      await Promise.resolve()
      order.push(name)
      atOnce--
    }
    const asked = ['a', 'a', 'a', 'a', 'a', 'b', 'b'].map((address, i) => queue.run(address, here, render(`${address}${i}`)).then(() => 'done', (error: { code: string }) => error.code))
    expect(await Promise.all(asked)).toEqual(['done', 'done', 'done', 'done', 'unavailable', 'done', 'done'])
    expect(most).toBe(1)
    // The first one was alone; then the addresses take turns.
    expect(order.slice(1, 4).map(name => name[0])).toContain('b')
    expect(await queue.run('a', here, render('later')).then(() => 'done')).toBe('done')
  })

  it('people behind one address are counted each by themselves, and so are those nobody knows', async () => {
    const queue = new PageQueue({ waiting: 40, perAddress: 2, perPerson: 2, perNetwork: 32, longestMs: 1000 })
    const ask = (person?: string) => queue.run('school', here, async () => undefined, person).then(() => 'done', (error: { code: string }) => error.code)
    const nobody = [ask(), ask(), ask()]
    const pupils = Array.from({ length: 30 }, (_, n) => ask(`pupil ${n}`))
    const restless = [ask('pupil 0'), ask('pupil 0')]
    expect(await Promise.all(nobody)).toEqual(['done', 'done', 'unavailable'])
    expect(await Promise.all(pupils)).toEqual(Array(30).fill('done'))
    // What one address may have in all is bounded, whoever they say they are.
    expect(await Promise.all(restless)).toEqual(['unavailable', 'unavailable'])
    expect(await ask('pupil 0')).toBe('done')
  })

  it('leaves as much time to others as it takes, however many are asked for', async () => {
    const queue = new PageQueue({ waiting: 100, perAddress: 100, longestMs: 1000 })
    let rendered = 0
    let others = 0
    const all = Promise.all(Array.from({ length: 6 }, () => queue.run('a', here, async () => {
      block(10)
      rendered++
    })))
    let going = true
    void all.then(() => going = false)
    const between: number[] = []
    while (going) {
      await sleep(1)
      others++
      between.push(rendered)
    }
    expect(rendered).toBe(6)
    // Between any two pages the others had their turn.
    expect(new Set(between).size).toBeGreaterThanOrEqual(5)
    expect(others).toBeGreaterThan(6)
  })

  it('renders nothing for who has left, and goes on after a page that fails or never comes', async () => {
    const queue = new PageQueue({ waiting: 10, perAddress: 10, longestMs: 20 })
    let rendered = 0
    const failing = queue.run('a', here, () => Promise.reject(new Error('no'))).catch(() => 'failed')
    void queue.run('a', here, () => new Promise<void>(() => undefined))
    await queue.run('b', () => true, async () => void rendered++)
    await queue.run('b', here, async () => void rendered++)
    expect([await failing, rendered]).toEqual(['failed', 1])
  })
})

describe('pages that all see alike', () => {
  it('are those of visitors without a name, at the landing page and at rooms\' doors', () => {
    for (const path of ['/', '/r/lobby']) expect(isShared(path, path, { cookie: 'theme=dark' })).toBe(true)
    for (const [path, url, headers] of [['/', '/?x=1', {}], ['/', '/', { cookie: 'lastra_session=x' }], ['/', '/', { authorization: 'Bearer x' }], ['/agents', '/agents', {}], ['/r/%zz', '/r/%zz', {}]] as const) {
      expect(isShared(path, url, headers), url).toBe(false)
    }
  })

  it('are rendered once for all who ask at once, shown while they are renewed, and hold a nonce of each response', async () => {
    let now = 0
    const cache = new PageCache(() => now)
    let done = (): void => undefined
    expect(await cache.find('/')).toBeUndefined()
    const first = cache.renewing('/', () => new Promise<void>(resolve => done = resolve))
    const waiting = Promise.all([cache.find('/'), cache.find('/')])
    cache.keep('/', { html: '<script nonce="abc">', csp: 'script-src \'nonce-abc\'', headers: {} }, 'abc')
    done()
    await first
    for (const page of await waiting) expect(withNonce(page!, 'n1')).toEqual({ html: '<script nonce="n1">', csp: 'script-src \'nonce-n1\'' })
    now += 10_000
    expect(await cache.find('/'), 'to be renewed').toBeUndefined()
    const second = cache.renewing('/', () => new Promise<void>(resolve => done = resolve))
    expect(withNonce((await cache.find('/'))!, 'n2').html).toBe('<script nonce="n2">')
    done()
    await second
  })
})

describe('compression', () => {
  it('takes what the client takes, brotli first', () => {
    for (const [accepted, encoding] of [['gzip, deflate, br, zstd', 'br'], ['gzip', 'gzip'], ['br;q=0, gzip;q=0.5', 'gzip'], ['*', 'br'], ['identity', undefined], ['', undefined], [undefined, undefined], ['x;;q=y,,', undefined]] as const) {
      expect(encodingFor(accepted), accepted).toBe(encoding)
    }
  })

  it('gives back the same text, and leaves short ones alone', async () => {
    const text = 'é<p>again</p>'.repeat(1000)
    const br = await compressed(text, 'br')
    const gz = await compressed(text, 'gzip')
    expect([br.encoding, String(brotliDecompressSync(br.body as Buffer)) === text]).toEqual(['br', true])
    expect([gz.encoding, String(gunzipSync(gz.body as Buffer)) === text]).toEqual(['gzip', true])
    expect(await compressed('short', 'br')).toEqual({ body: 'short' })
  })
})

describe('a page that is kept is of nobody\'s name', () => {
  it('absolute addresses are of the name it was asked by, whoever asked first, and never what is no host', () => {
    const html = `<meta content="${ORIGIN_MARK}/og.png">`
    const image = (headers: Record<string, string>, encrypted = false): string => withOrigin(html, headers, encrypted)
    expect(image({ host: 'a.example' })).toBe('<meta content="http://a.example/og.png">')
    expect(image({ host: 'b.example:8443' }, true)).toBe('<meta content="https://b.example:8443/og.png">')
    expect(image({ 'host': '127.0.0.1:3000', 'x-forwarded-host': 'c.example', 'x-forwarded-proto': 'https' })).toBe('<meta content="https://c.example/og.png">')
    expect(image({ host: 'a"><script>' })).toBe('<meta content="/og.png">')
    expect(image({})).toBe('<meta content="/og.png">')
  })
})
