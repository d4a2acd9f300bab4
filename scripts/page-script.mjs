import { gzipSync } from 'node:zlib'

/**
 * The JavaScript a page takes over the network until it is quiet. What was compressed on its way counts as it came, the rest as
 * gzip would make it.
 *
 * @param {import('playwright-core').Page} page of a fresh profile, so that nothing is cached
 * @param {() => Promise<unknown>} open opens the page and waits until it is of use
 * @returns {Promise<{ wire: number, compressed: number, files: number, encodings: string, list: { url: string, wire: number }[] }>}
 *   bytes, headers and all, how many files, and each of them
 */
export async function pageScript(page, open) {
  const devtools = await page.context().newCDPSession(page)
  const scripts = new Map()
  await devtools.send('Network.enable')
  devtools.on('Network.responseReceived', ({ requestId, response }) => {
    // What was fetched ahead comes a second time, out of the cache.
    if (/javascript/.test(response.mimeType) && !response.fromDiskCache) scripts.set(requestId, { url: response.url, encoding: response.headers['content-encoding'] ?? response.headers['Content-Encoding'], wire: 0 })
  })
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const script = scripts.get(requestId)
    if (script) script.wire = encodedDataLength
  })
  await open()
  await page.waitForLoadState('networkidle')
  let wire = 0
  let compressed = 0
  for (const [requestId, script] of scripts) {
    wire += script.wire
    if (script.encoding) {
      compressed += script.wire
    } else {
      const { body, base64Encoded } = await devtools.send('Network.getResponseBody', { requestId })
      compressed += gzipSync(Buffer.from(body, base64Encoded ? 'base64' : 'utf8')).length
    }
  }
  const encodings = [...new Set([...scripts.values()].map(script => script.encoding ?? 'none'))].join(', ')
  await devtools.detach()
  const list = [...scripts.values()].map(({ url, wire }) => ({ url, wire }))
  return { wire, compressed, files: scripts.size, encodings, list }
}
