import { expect, test } from 'vitest'
import { OutgoingFrame } from '../../../../../server/realtime/outgoing'
import { PollingTransport } from '../../../../../server/realtime/transports/polling'
import type { ServerFrame } from '../../../../../shared/protocol/frames'
import { createHttpLine } from '../../../../support/http-line'
import { describeTransport } from '../transport.contract'
import { waitFor } from '../../../../support/wait'

const NEVER = new AbortController().signal
const pong = (t: string) => new OutgoingFrame({ type: 'pong', t })

describeTransport('polling', async () => {
  const transport = new PollingTransport()
  const line = await createHttpLine(async (request, response) => {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const { frames, next } = await transport.poll(Number(new URL(request.url ?? '', 'http://localhost').searchParams.get('after')), 1_000, gone.signal)
    response.end(`{"frames":[${frames.join(',')}],"next":${next}}`)
  }, () => transport)
  const received: string[] = []
  let end: (code: number) => void = () => undefined
  const ended = new Promise<number>(resolve => end = resolve)
  let stalled = false
  let disposed = false
  const polling = (async () => {
    for (let after = 0; !disposed;) {
      await waitFor(() => !stalled || disposed)
      const answer = await fetch(`${line.url}/?after=${after}`).then(response => response.json(), () => undefined) as { frames: ServerFrame[], next: number } | undefined
      if (!answer) return end(1006)
      after = answer.next
      for (const frame of answer.frames) {
        received.push(JSON.stringify(frame))
        if (frame.type === 'connection.closed') return end(frame.code)
      }
    }
  })()
  return {
    transport,
    received,
    bytesOf: frame => Buffer.byteLength(frame.json),
    async got(count) {
      // What was given counts as taken once the next poll has said so.
      await waitFor(() => received.length >= count && (stalled || transport.bufferedBytes === 0))
    },
    ended,
    stall: (now) => {
      stalled = now
    },
    send: line.post,
    arrived: line.arrived,
    async arrivedCount(count) {
      await waitFor(() => line.arrived.length >= count)
    },
    async dispose() {
      disposed = true
      await line.close()
      await polling
    },
  }
})

test('[POL-1] a waiting poll is answered by a newer one, by a frame, by the end, and by its client going', async () => {
  const transport = new PollingTransport()
  const older = transport.poll(0, 25_000, NEVER)
  const newer = transport.poll(0, 25_000, NEVER)
  expect(await older).toEqual({ frames: [], next: 0 })
  transport.write([pong('a')])
  expect(await newer).toMatchObject({ next: 1 })
  const gone = new AbortController()
  const leaving = transport.poll(1, 25_000, gone.signal)
  gone.abort()
  expect(await leaving).toEqual({ frames: [], next: 1 })
  expect(await transport.poll(1, 25_000, gone.signal), 'nobody waits any more').toEqual({ frames: [], next: 1 })
  const last = transport.poll(1, 25_000, NEVER)
  transport.close(4401, 'over')
  expect((await last).frames.map(json => JSON.parse(json) as unknown)).toEqual([{ type: 'connection.closed', code: 4401, reason: 'over' }])
})

test('[POL-1] frames are numbered from 1 after the greeting, given until acknowledged, and counted while they wait', async () => {
  const transport = new PollingTransport()
  transport.write([pong('greeting')])
  expect(transport.takeGreeting()).toHaveLength(1)
  transport.write([pong('a'), pong('b'), pong('c')])
  const each = Buffer.byteLength(pong('a').json)
  expect(transport.bufferedBytes).toBe(3 * each)
  expect(await transport.poll(0, 0, NEVER)).toEqual({ frames: [pong('a').json, pong('b').json, pong('c').json], next: 3 })
  expect(transport.bufferedBytes, 'given is not taken').toBe(3 * each)
  expect(await transport.poll(2, 0, NEVER)).toEqual({ frames: [pong('c').json], next: 3 })
  expect(transport.bufferedBytes).toBe(each)
  await expect(transport.poll(1, 0, NEVER)).rejects.toMatchObject({ code: 'conflict' })
  await expect(transport.poll(4, 0, NEVER)).rejects.toMatchObject({ code: 'conflict' })
  await transport.poll(3, 0, NEVER)
  expect(transport.bufferedBytes).toBe(0)
})

test('[BP-1] one who has fallen far behind keeps nothing in memory but the reason', async () => {
  const transport = new PollingTransport()
  for (let n = 0; n < 3; n++) transport.write([pong('x'.repeat(1024 * 1024))])
  transport.close(4408, 'too much unsent')
  expect(transport.bufferedBytes).toBeLessThan(200)
  const { frames, next } = await transport.poll(0, 0, NEVER)
  expect(frames).toHaveLength(1)
  expect(next).toBe(4)
  expect(transport.exhausted).toBe(false)
  await transport.poll(next, 0, NEVER)
  expect(transport.exhausted).toBe(true)
})

test('[CON-7] the goodbye counts as given when an answer that somebody waits for has brought it', async () => {
  const transport = new PollingTransport()
  let given = false
  void transport.goodbyeGiven.then(() => given = true)
  transport.close(1012, 'server restarting')
  const gone = new AbortController()
  gone.abort()
  await transport.poll(0, 0, gone.signal)
  await Promise.resolve()
  expect(given).toBe(false)
  await transport.poll(0, 0, NEVER)
  await transport.goodbyeGiven
  expect(given).toBe(true)
})
