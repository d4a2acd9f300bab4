import { once } from 'node:events'
import { createServer } from 'node:http'
import { pause } from './figures.mjs'

/**
 * An OpenAI-compatible engine that says what it is told and knows when it was asked and when it first spoke: what is left of
 * the time to a first word is the server's own.
 *
 * @returns {Promise<{ url: string, open: number, asked: { at: number, spokeAt?: number }[], behave: (next: { words: string[], everyMs: number, after?: Promise<void> }) => void, close: () => void }>}
 */
export async function startEngine() {
  const asked = []
  let behaviour = { words: ['Yes.'], everyMs: 0 }
  let open = 0

  const server = createServer(async (request, response) => {
    const times = { at: performance.now() }
    asked.push(times)
    const { words, everyMs, after } = behaviour
    request.resume()
    await once(request, 'end')
    open++
    response.once('close', () => open--)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const send = (/** @type {object} */ delta, /** @type {'stop' | null} */ finish = null) => response.write(`data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`)
    send({ role: 'assistant', content: '' })
    await after
    for (const content of words) {
      if (everyMs > 0) await pause(everyMs)
      times.spokeAt ??= performance.now()
      send({ content })
    }
    send({}, 'stop')
    response.end('data: [DONE]\n\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/v1`,
    get open() {
      return open
    },
    asked,
    behave: next => behaviour = next,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
