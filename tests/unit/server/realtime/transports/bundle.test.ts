import { once } from 'node:events'
import { get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { createParser } from 'eventsource-parser'
import { expect, test } from 'vitest'
import { BundleStream } from '../../../../../server/realtime/transports/bundle-stream'
import { findLines, readLines } from '../../../../../server/realtime/transports/bundle'
import { OutgoingFrame } from '../../../../../server/realtime/outgoing'
import { PollingTransport } from '../../../../../server/realtime/transports/polling'
import { ProtocolError } from '../../../../../shared/protocol/errors'
import type { ServerFrame } from '../../../../../shared/protocol/frames'
import { LIMITS } from '../../../../../shared/protocol/limits'
import { createHttpLine } from '../../../../support/http-line'
import { waitFor } from '../../../../support/wait'
import { describeTransport } from '../transport.contract'

const NEVER = new AbortController().signal
const pong = (t: string) => new OutgoingFrame({ type: 'pong', t })

interface Answer { lines: { connection_id: string, frames?: ServerFrame[], next?: number, code?: string }[] }

/** Finds lines among these, as the server does for one user. */
function find(lines: Record<string, PollingTransport>, asked: { connection_id: string, after: number, acked: number }[]) {
  return findLines(asked.map(line => ({ ...line, idle_ms: 0 })), ({ connection_id }) => {
    const line = lines[connection_id]
    if (!line) throw new ProtocolError('not_found', 'no such line')
    return line
  })
}

async function read(lines: Record<string, PollingTransport>, asked: { connection_id: string, after: number, acked: number }[], waitMs = 0, gone = NEVER): Promise<Answer> {
  return JSON.parse(await readLines(find(lines, asked), waitMs, gone)) as Answer
}

describeTransport('[TAB-2] a line that is read with others', async () => {
  const transport = new PollingTransport()
  const idle = new PollingTransport()
  const line = await createHttpLine(async (request, response) => {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const after = Number(new URL(request.url ?? '', 'http://localhost').searchParams.get('after'))
    response.end(JSON.stringify(await read({ idle, line: transport }, [{ connection_id: 'idle', after: 0, acked: 0 }, { connection_id: 'line', after, acked: after }], 1_000, gone.signal)))
  }, () => transport)
  const received: string[] = []
  let end: (code: number) => void = () => undefined
  const ended = new Promise<number>(resolve => end = resolve)
  let stalled = false
  let disposed = false
  const reading = (async () => {
    for (let after = 0; !disposed;) {
      await waitFor(() => !stalled || disposed)
      const answer = await fetch(`${line.url}/?after=${after}`).then(response => response.json(), () => undefined) as Answer | undefined
      if (!answer) return end(1006)
      for (const { frames = [], next = after } of answer.lines) {
        after = next
        for (const frame of frames) {
          received.push(JSON.stringify(frame))
          if (frame.type === 'connection.closed') return end(frame.code)
        }
      }
    }
  })()
  return {
    transport, received, ended,
    bytesOf: frame => Buffer.byteLength(frame.json),
    got: async count => void await waitFor(() => received.length >= count && (stalled || transport.bufferedBytes === 0)),
    stall: now => void (stalled = now),
    send: line.post,
    arrived: line.arrived,
    arrivedCount: async count => void await waitFor(() => line.arrived.length >= count),
    async dispose() {
      disposed = true
      await line.close()
      await reading
    },
  }
})

describeTransport('[TAB-3] a line that a stream carries with others', async () => {
  const transport = new PollingTransport('sse')
  const idle = new PollingTransport('sse')
  let stream: BundleStream | undefined
  const carry = (after: number) => stream?.carry(find({ idle, line: transport }, [{ connection_id: 'idle', after: 0, acked: 0 }, { connection_id: 'line', after, acked: after }]))
  const line = await createHttpLine((_request, response) => {
    stream = new BundleStream('s', 'u', response, () => undefined)
    carry(0)
  }, () => transport)
  const [response] = await once(get(line.url), 'response') as [IncomingMessage]
  const received: string[] = []
  let code = 1006
  const parser = createParser({
    onEvent({ event, data }) {
      if (event !== 'frame') return
      const { n, frame } = JSON.parse(data) as { n: number, frame: ServerFrame }
      received.push(JSON.stringify(frame))
      if (frame.type !== 'connection.closed') return carry(n)
      code = frame.code
      response.destroy()
    },
  })
  response.setEncoding('utf8').on('data', (text: string) => parser.feed(text)).on('error', () => undefined)
  return {
    transport, received,
    ended: once(response, 'close').then(() => code),
    bytesOf: frame => Buffer.byteLength(frame.json),
    got: async count => void await waitFor(() => received.length >= count),
    stall: stalled => void (stalled ? response.pause() : response.resume()),
    send: line.post,
    arrived: line.arrived,
    arrivedCount: async count => void await waitFor(() => line.arrived.length >= count),
    async dispose() {
      response.destroy()
      await line.close()
    },
  }
})

test('[TAB-2] a read waits until one of its lines has a frame, and tells of that one alone', async () => {
  const [one, two] = [new PollingTransport(), new PollingTransport()]
  const asked = ['one', 'two'].map(connection_id => ({ connection_id, after: 0, acked: 0 }))
  const reading = read({ one, two }, asked, 10_000)
  two.write([pong('a'), pong('b')])
  two.write([pong('c')])
  expect(await reading).toEqual({ lines: [{ connection_id: 'two', frames: ['a', 'b', 'c'].map(t => ({ type: 'pong', t })), next: 3 }] })
  // What is not acknowledged is given again, to whoever reads then.
  expect((await read({ one, two }, asked)).lines).toMatchObject([{ connection_id: 'two', next: 3 }])
  expect((await read({ one, two }, [{ connection_id: 'two', after: 3, acked: 1 }])).lines).toEqual([])
  expect((await read({ two }, [{ connection_id: 'two', after: 1, acked: 1 }])).lines).toMatchObject([{ frames: [{ t: 'b' }, { t: 'c' }], next: 3 }])
})

test('[TAB-2] a line that is wrong is refused alone', async () => {
  const one = new PollingTransport()
  one.write([pong('a')])
  expect((await read({ one }, [{ connection_id: 'other', after: 0, acked: 0 }, { connection_id: 'one', after: 0, acked: 0 }])).lines)
    .toEqual([{ connection_id: 'one', frames: [{ type: 'pong', t: 'a' }], next: 1 }, { connection_id: 'other', code: 'not_found' }])
  expect((await read({ one }, [{ connection_id: 'one', after: 9, acked: 0 }])).lines).toEqual([{ connection_id: 'one', code: 'conflict' }])
  // What the tab had said to the reader before comes late, and is no news.
  await read({ one }, [{ connection_id: 'one', after: 1, acked: 1 }])
  expect((await read({ one }, [{ connection_id: 'one', after: 0, acked: 0 }])).lines).toEqual([])
})

test('[TAB-2] a later read of a line answers the earlier one, and both is no loss', async () => {
  const one = new PollingTransport()
  const asked = [{ connection_id: 'one', after: 0, acked: 0 }]
  const earlier = read({ one }, asked, 10_000)
  const later = read({ one }, asked, 10_000)
  expect(await earlier).toEqual({ lines: [] })
  one.write([pong('a')])
  expect((await later).lines).toMatchObject([{ next: 1 }])
})

test('[TAB-2] busy lines share an answer evenly, and each has a place in it', async () => {
  const lines = Object.fromEntries(['a', 'b', 'c'].map(name => [name, new PollingTransport()]))
  for (let n = 0; n < 40; n++) lines.a!.write([pong('x'.repeat(60_000))])
  for (const name of ['b', 'c']) lines[name]!.write([pong(name)])
  const { lines: answers } = await read(lines, Object.keys(lines).map(connection_id => ({ connection_id, after: 0, acked: 0 })))
  expect(answers.map(line => line.connection_id)).toEqual(['a', 'b', 'c'])
  expect(JSON.stringify(answers).length).toBeLessThan(LIMITS.pollBytes)
})
