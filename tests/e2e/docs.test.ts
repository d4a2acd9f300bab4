import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDocs } from '../../server/docs/docs-files'
import { pageSlug } from '../../server/docs/pages'
import { startServer } from '../support/server'
import type { TestServer } from '../support/server'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

test('[built-in engine] the build holds every page of the docs, where answers lead to', async () => {
  const pages = readDocs(fileURLToPath(new URL('../..', import.meta.url)))
  for (const { path, markdown } of pages) {
    const response = await fetch(`${server.url}/docs/${pageSlug(path)}`)
    expect(response.status, path).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('content-security-policy')).toContain('default-src \'none\'')
    const html = await response.text()
    expect(html.match(/<h2 /g)?.length ?? 0, path).toBe(markdown.match(/^## /gm)?.length ?? 0)
  }
  expect((await fetch(`${server.url}/docs/nowhere`)).status).toBe(404)
})
