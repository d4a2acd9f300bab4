import { once } from 'node:events'
import { get } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createParser } from 'eventsource-parser'
import { expect, test } from 'vitest'
import { OutgoingFrame } from '../../../../../server/realtime/outgoing'
import type { PostedTransport } from '../../../../../server/realtime/transports/posted'
import { createSseTransport } from '../../../../../server/realtime/transports/sse'
import type { ServerFrame } from '../../../../../shared/protocol/frames'
import { createHttpLine } from '../../../../support/http-line'
import { describeTransport } from '../transport.contract'
import { waitFor } from '../../../../support/wait'

/** A stream between a server and a client, both real. */
async function openLine(idRoom?: string) {
  let transport: PostedTransport | undefined
  let answer: ServerResponse | undefined
  const line = await createHttpLine((_request, response) => {
    answer = response
    transport = createSseTransport(response, idRoom, 0)
  }, () => waited())
  const waited = (): PostedTransport => {
    if (!transport) throw new Error('no stream yet')
    return transport
  }
  const [response] = await once(get(line.url), 'response') as [IncomingMessage]
  return { line, response, transport: waited(), answer: answer as ServerResponse }
}

describeTransport('SSE', async () => {
  const { line, response, transport } = await openLine()
  const received: string[] = []
  let code = 1006
  const parser = createParser({
    onEvent({ data }) {
      received.push(data)
      const frame = JSON.parse(data) as ServerFrame
      if (frame.type === 'connection.closed') code = frame.code
    },
  })
  response.setEncoding('utf8').on('data', (text: string) => parser.feed(text)).on('error', () => undefined)
  const ended = once(response, 'close').then(() => code)
  return {
    transport,
    received,
    bytesOf: frame => frame.eventBytes.length,
    async got(count) {
      await waitFor(() => received.length >= count)
    },
    ended,
    stall: stalled => void (stalled ? response.pause() : response.resume()),
    send: line.post,
    arrived: line.arrived,
    async arrivedCount(count) {
      await waitFor(() => line.arrived.length >= count)
    },
    async dispose() {
      response.destroy()
      await line.close()
    },
  }
})

test('[CON-4] [SSE-1] a comment line keeps a stream alive, every 15 s, and none follows its end', async () => {
  const { line, response, transport } = await openLine()
  let text = ''
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  expect(response.headers).toMatchObject({ 'content-type': 'text/event-stream', 'connection': 'close' })
  // Events are sent as they are, the same bytes to all.
  expect(response.headers['transfer-encoding']).toBeUndefined()
  for (const at of [500, 14_500, 15_000, 15_500, 29_500, 30_000]) transport.beat?.(at)
  transport.close(1012, 'over')
  transport.beat?.(99_000)
  await once(response, 'end')
  expect(text.split(':\n\n')).toHaveLength(3)
  await line.close()
})

test('[FRM-2] [CON-7] an entry of the one room has its number as id; a goodbye says when to come back', async () => {
  const { line, response, transport } = await openLine('lobby')
  let text = ''
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const cleared = (room: string, seq: number): OutgoingFrame => new OutgoingFrame({ type: 'clear', room, seq, userId: 'u', floor_seq: seq - 1, timestamp: new Date(0).toISOString() })
  transport.write([cleared('lobby', 7), cleared('other', 8), new OutgoingFrame({ type: 'server.closing', retry_in_ms: 1234 })])
  transport.close(1012, 'server restarting')
  await once(response, 'end')
  const blocks = text.split('\n\n').map(block => block.split('\n').filter(row => !row.startsWith('data:')))
  expect(blocks).toEqual([['id: 7', 'event: clear'], ['event: clear'], ['retry: 1234', 'event: server.closing'], ['event: connection.closed'], ['']])
  await line.close()
})

test('[SSE-1] a write that meets a client that has gone harms nothing', async () => {
  const { line, response, transport, answer } = await openLine()
  response.destroy()
  await once(answer, 'close')
  expect(transport.write([new OutgoingFrame({ type: 'pong' })])).toBe(0)
  transport.beat?.(60_000)
  transport.close(4408, 'silent')
  await line.close()
})
