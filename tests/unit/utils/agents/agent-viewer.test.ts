import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { viewStream } from '../../../../utils/agents/agent-viewer'
import type { HeldPlace } from '../../../../utils/connection/held-place'
import { createHeldPlace } from '../../../../utils/connection/held-place'
import { waitFor } from '../../../support/wait'

let server: Server
let answers: ((response: ServerResponse, request: IncomingMessage) => void)[]
let asked: (string | undefined)[]

beforeEach(async () => {
  asked = []
  server = createServer((request, response) => {
    asked.push(request.headers['last-event-id']?.toString())
    answers.shift()?.(response, request)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})

const event = (n: number) => `id: ${n}\ndata: word${n}\n\n`
const events = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => event(from + n)).join('')
const stream = (text: string, end: 'end' | 'destroy' | 'stay') => (response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(text, () => end !== 'stay' && response[end]())
}
const status = (code: number) => (response: ServerResponse) => void response.writeHead(code).end()

/** Views a stream of five events; `onReached` is told what the viewer is told, at that moment. */
function view(place?: HeldPlace, onReached: (now: boolean, leave: () => void) => void = () => {}) {
  const seen: string[] = []
  const reached: boolean[] = []
  const leaving = new AbortController()
  const outcome = viewStream({
    streamId: 's', signal: leaving.signal, place,
    after: () => seen.length,
    isDone: () => seen.length === 5,
    onReached: (now) => {
      reached.push(now)
      onReached(now, () => leaving.abort())
    },
    onEvent: ({ data }) => seen.push(data),
    fetch: (path, options) => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path as string}`, options),
  })
  return { seen, reached, outcome, leave: () => leaving.abort() }
}

test('[AGT-4] goes on after the last event through cuts, refusals and ends that are none', async () => {
  answers = [stream(events(1, 2), 'destroy'), status(503), stream(events(3, 4), 'end'), status(429), stream(events(5, 5), 'end')]
  const { seen, reached, outcome } = view()
  expect(await outcome).toBe('done')
  expect(seen).toEqual(['word1', 'word2', 'word3', 'word4', 'word5'])
  expect(asked).toEqual([undefined, '2', '2', '4', '4'])
  expect(reached).toEqual([true, false, false, true, false, false, true])
})

test.each([[204, 'done'], [400, 'stale'], [401, 'gone'], [404, 'gone']])('[AGT-4] a %i ends it', async (code, outcome) => {
  answers = [status(code)]
  expect(await view().outcome).toBe(outcome)
  expect(asked).toHaveLength(1)
})

test('[AGT-5] who leaves asks no more', async () => {
  answers = [stream(event(1), 'stay')]
  const { seen, outcome, leave } = view()
  await waitFor(() => seen.length === 1)
  leave()
  expect(await outcome).toBe('left')
  answers = [status(503)]
  const away = view(undefined, (_, leave) => leave())
  expect(await away.outcome).toBe('left')
  expect(away.reached).toEqual([false])
  expect(asked).toHaveLength(2)
})

test('[AGT-4] one who has no place to keep a request open reads in turns, and neither misses a word nor takes the end of a turn for a loss', async () => {
  answers = [stream(events(1, 2), 'stay'), stream(events(3, 3), 'stay'), stream(events(4, 5), 'end')]
  const { seen, reached, outcome } = view(async () => undefined)
  expect(await outcome).toBe('done')
  expect(seen).toEqual(['word1', 'word2', 'word3', 'word4', 'word5'])
  expect(asked).toEqual([undefined, '2', '3'])
  expect(reached).not.toContain(false)
})

test('two answers at a time keep their requests open, over all tabs; a place that is given back is taken again', async () => {
  const held = new Set<string>()
  const locks = {
    async request(name: string, _options: unknown, task: (lock: object | null) => unknown) {
      if (held.has(name)) return task(null)
      held.add(name)
      await task({ name })
      held.delete(name)
    },
  } as unknown as LockManager
  const [one, two] = [createHeldPlace('answer', locks), createHeldPlace('answer', locks)]
  const [first, second, third] = [await one(), await two(), await two()]
  expect([typeof first, typeof second, third]).toEqual(['function', 'function', undefined])
  first!()
  await waitFor(async () => {
    const again = await two()
    return again !== undefined
  })
  expect(await createHeldPlace('answer', undefined)()).toBeUndefined()
})
