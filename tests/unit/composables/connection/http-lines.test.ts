import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, watch } from 'vue'
import type { ServerFrame } from '../../../../shared/protocol/frames'
import type { CloseReason } from '../../../../composables/connection/useConnectionLifecycle'
import { usePollingChat } from '../../../../composables/connection/usePollingChat'
import { useSseChat } from '../../../../composables/connection/useSseChat'
import type { HttpAccess } from '../../../../utils/connection/http-wire'
import type { LineServer } from '../../../support/line-server'
import { startLineServer } from '../../../support/line-server'
import { waitFor } from '../../../support/wait'
import type { WholeLine } from '../../../support/whole-line'
import { wholeLine } from '../../../support/whole-line'

let server: LineServer
let stop: () => void

function open(use: typeof useSseChat, extra: Partial<HttpAccess> = {}): WholeLine {
  const scope = effectScope(true)
  stop = () => scope.stop()
  const chat = scope.run(() => wholeLine(options => use({ origin: server.origin, peerKey: () => 'k'.repeat(16), random: () => 0, ...options, ...extra })))!
  chat.connect()
  return chat
}
const connected = (chat: WholeLine) => waitFor(() => chat.isConnected.value)
const typing = (room: string): ServerFrame => ({ type: 'typing', room, userId: 'u2', userName: 'Bob', active: true })

beforeEach(async () => {
  server = await startLineServer()
})
afterEach(async () => {
  stop()
  await server.close()
})

describe.each([['useSseChat', useSseChat], ['usePollingChat', usePollingChat]] as const)('%s', (_name, use) => {
  it('[CON-3] is connected once greeted, and hands frames on in order', async () => {
    const chat = open(use)
    expect(chat.status.value).toBe('connecting')
    const rooms: string[] = []
    chat.on('typing', frame => rooms.push(frame.room))
    await connected(chat)
    for (const room of ['a', 'b', 'c']) {
      server.polled.push(typing(room))
      server.tell(typing(room))
    }
    await waitFor(() => rooms.length === 3)
    expect(rooms).toEqual(['a', 'b', 'c'])
  })

  it('[SSE-3] settles requests with the replies of their own post', async () => {
    const chat = open(use)
    await connected(chat)
    server.reply = frames => frames.map(frame => frame.type === 'clear' ? { type: 'error', ref: frame.id, code: 'forbidden', message: 'no', retryable: false } : { type: 'ack', ref: frame.id, room: 'r' })
    const fine = chat.request({ type: 'leave', room: 'r' })
    await expect(chat.request({ type: 'clear', room: 'r' })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(fine).resolves.toMatchObject({ room: 'r' })
  })

  it('[FRM-6] sends one post at a time, in order, with at most 64 frames', async () => {
    const chat = open(use)
    await connected(chat)
    await waitFor(() => server.posts.length > 0 && server.posting.now === 0)
    server.reply = async (frames) => {
      await new Promise(resolve => setImmediate(resolve))
      return frames.map(frame => ({ type: 'ack', ref: frame.id }))
    }
    const before = server.posts.length
    await Promise.all(Array.from({ length: 150 }, (_, n) => chat.request({ type: 'leave', room: `r${n}` })))
    const posts = server.posts.slice(before)
    expect(posts.flat().map(frame => frame.room)).toEqual(Array.from({ length: 150 }, (_, n) => `r${n}`))
    expect(posts.map(frames => frames.length)).toEqual([64, 64, 22])
    expect(server.posting.most).toBe(1)
  })

  it('[FRM-6] gives the connection up when it cannot know what became of a post', async () => {
    const chat = open(use)
    await connected(chat)
    await waitFor(() => server.posting.now === 0 && server.posts.length > 0)
    server.answers.set('POST /api/chat/frames', [{ cut: true }])
    const sent = chat.request({ type: 'leave', room: 'r' })
    await expect(sent).rejects.toMatchObject({ code: 'unavailable', retryable: true })
    await connected(chat)
    expect(server.posts.flat().filter(frame => frame.type === 'leave')).toEqual([])
  })

  it('[SSE-3] connects anew when the server knows the connection no more', async () => {
    const chat = open(use)
    await connected(chat)
    const opened = server.requests.length
    server.answers.set('POST /api/chat/frames', [{ status: 404 }])
    await expect(chat.request({ type: 'leave', room: 'r' })).rejects.toMatchObject({ retryable: true })
    await connected(chat)
    expect(server.requests.length).toBeGreaterThan(opened + 1)
  })

  it.each([[4401, true], [4409, true], [1012, false]])('[CON-5] takes connection.closed %i as a socket\'s close code', async (code, final) => {
    const chat = open(use)
    await connected(chat)
    const frame: ServerFrame = { type: 'connection.closed', code, reason: 'because' }
    const ends: (CloseReason | undefined)[] = []
    watch(chat.error, error => ends.push(error), { flush: 'sync' })
    server.polled.push(frame)
    server.tell(frame)
    await waitFor(() => ends.length > 0)
    expect(ends[0]).toEqual({ code, reason: 'because', final })
    if (final) expect(chat.status.value).toBe('closed')
    else await connected(chat)
  })

  it('carries the headers it is given', async () => {
    const chat = open(use, { headers: () => ({ cookie: 'lastra=1' }) })
    await connected(chat)
    await chat.request({ type: 'leave', room: 'r' })
    expect(server.headers.every(headers => headers.cookie === 'lastra=1')).toBe(true)
  })
})

describe('useSseChat', () => {
  it.each([[401, 4401], [403, 4403]])('[SSE-2] a preflight refused with %i is final, and no stream is opened', async (status, code) => {
    server.answers.set('POST /api/chat/stream', [{ status }])
    const chat = open(useSseChat)
    await waitFor(() => chat.status.value === 'closed')
    expect(chat.error.value).toMatchObject({ code, final: true })
    expect(server.requests).toEqual(['POST /api/chat/stream'])
  })

  it('[CON-6] waits as long as a 429 asks', async () => {
    server.answers.set('POST /api/chat/stream', [{ status: 429, headers: { 'retry-after': '7' } }])
    const chat = open(useSseChat)
    await waitFor(() => chat.status.value === 'waiting')
    expect(chat.error.value?.code).toBe(4429)
    expect(chat.retryAt.value! - Date.now()).toBeGreaterThan(6_500)
  })

  it('[SSE-1] notices a stream on which not even a comment comes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const chat = open(useSseChat)
    await vi.waitUntil(() => chat.isConnected.value)
    await vi.waitUntil(() => server.posts.length > 0)
    const ping = server.posts[0]![0]!
    server.tell({ type: 'pong', t: ping.t as number })
    await vi.waitUntil(() => chat.latency.value !== undefined)
    vi.advanceTimersByTime(39_000)
    const reasons: (string | undefined)[] = []
    await vi.waitUntil(() => {
      vi.advanceTimersByTime(500)
      reasons.push(chat.error.value?.reason)
      return chat.error.value
    })
    expect(reasons.at(-1)).toBe('silent')
    vi.useRealTimers()
  })

  it('[SSE-2] asks before it opens a stream again', async () => {
    const chat = open(useSseChat)
    await connected(chat)
    server.streams[0]!.destroy()
    await waitFor(() => server.streams.length === 2)
    expect(server.requests.filter(request => request.endsWith('/stream'))).toEqual(['POST /api/chat/stream', 'GET /api/chat/stream', 'POST /api/chat/stream', 'GET /api/chat/stream'])
  })
})

describe('usePollingChat', () => {
  it('[POL-1] makes a poll again that broke, and loses no frame', async () => {
    server.answers.set('GET /api/chat/poll', [{ cut: true }])
    const chat = open(usePollingChat)
    const rooms: string[] = []
    chat.on('typing', frame => rooms.push(frame.room))
    await connected(chat)
    server.polled.push(typing('a'), typing('b'))
    await waitFor(() => rooms.length === 2)
    expect(server.requests.filter(request => request === 'POST /api/chat/poll')).toHaveLength(1)
  })

  it('[POL-1] tells the server that it goes', async () => {
    const chat = open(usePollingChat)
    await connected(chat)
    chat.disconnect()
    await waitFor(() => server.requests.includes('DELETE /api/chat/poll'))
    expect(chat.status.value).toBe('idle')
  })
})
