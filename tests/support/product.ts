import { afterAll, beforeAll } from 'vitest'
import type { TestBrowser } from './browser'
import { startBrowser } from './browser'
import type { TestServer } from './server'
import { startServer } from './server'

/* eslint-disable import/no-mutable-exports -- what a file imports is there from its first test on, and not before */
/** The server of the running test file, started by {@link product}. */
export let server: TestServer
/** The browser of the running test file, started by {@link product}. */
export let browser: TestBrowser
/* eslint-enable import/no-mutable-exports */

/**
 * Starts the built server and a browser before the first test of a file, and stops them after its last.
 *
 * @param options of the server
 */
export function product(options?: Parameters<typeof startServer>[0]): void {
  beforeAll(async () => {
    server = await startServer(options)
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })
}
