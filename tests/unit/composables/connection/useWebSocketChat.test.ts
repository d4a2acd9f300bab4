// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useWebSocketChat } from '../../../../composables/connection/useWebSocketChat'
import type { ChatError } from '../../../../utils/connection/chat-error'
import { FakeSocket } from '../../../support/fake-socket'
import type { WholeLine } from '../../../support/whole-line'
import { wholeLine } from '../../../support/whole-line'

describe('useWebSocketChat', () => {
  let chat: WholeLine

  beforeEach(() => {
    vi.useFakeTimers()
    vi.stubGlobal('WebSocket', FakeSocket)
    FakeSocket.all = []
    chat = wholeLine(options => useWebSocketChat({ url: () => 'ws://test/api/chat.ws', random: () => 1, ...options }), 3)
  })
  afterEach(() => {
    chat.disconnect()
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('[CON-3] is connected only once the server established it', () => {
    chat.connect()
    FakeSocket.last.onopen?.()
    expect(chat.status.value).toBe('connecting')
    expect(chat.send({ type: 'ping' })).toBe(false)
    FakeSocket.last.establish()
    expect(chat.isConnected.value).toBe(true)
  })

  it('[CON-5] reconnects after any other close, with a doubling delay', () => {
    chat.connect()
    FakeSocket.last.establish()
    FakeSocket.last.drop(1012)
    expect(chat.status.value).toBe('waiting')
    vi.advanceTimersByTime(499)
    expect(FakeSocket.all).toHaveLength(1)
    vi.advanceTimersByTime(1)
    expect(FakeSocket.all).toHaveLength(2)
    FakeSocket.last.drop()
    vi.advanceTimersByTime(999)
    expect(FakeSocket.all).toHaveLength(2)
    vi.advanceTimersByTime(1)
    expect(FakeSocket.all).toHaveLength(3)
  })

  it.each([4401, 4403, 4409])('[CON-5] stops at %i and says why', (code) => {
    chat.connect()
    FakeSocket.last.establish()
    FakeSocket.last.drop(code, 'because')
    vi.advanceTimersByTime(120_000)
    expect(FakeSocket.all).toHaveLength(1)
    expect(chat.status.value).toBe('closed')
    expect(chat.error.value).toEqual({ code, reason: 'because', final: true })
  })

  it('[CON-7] waits at least as long as a closing server asked', () => {
    chat.connect()
    FakeSocket.last.establish()
    FakeSocket.last.deliver({ type: 'server.closing', retry_in_ms: 3000 })
    FakeSocket.last.drop(1012)
    vi.advanceTimersByTime(2999)
    expect(FakeSocket.all).toHaveLength(1)
    vi.advanceTimersByTime(1)
    expect(FakeSocket.all).toHaveLength(2)
  })

  it('[CON-4] pings every 25 s, measures the round trip, and leaves a silent connection', () => {
    chat.connect()
    const socket = FakeSocket.last
    socket.establish()
    vi.advanceTimersByTime(42)
    socket.deliver({ type: 'pong', t: socket.of('ping')[0]?.t })
    expect(chat.latency.value).toBe(42)
    vi.advanceTimersByTime(25_000)
    expect(socket.of('ping')).toHaveLength(2)
    vi.advanceTimersByTime(10_000)
    expect(chat.error.value?.reason).toBe('silent')
    expect(socket.closedWith).toBe(1000)
  })

  describe('an answer that does not come', () => {
    it('is noticed after 5 s, asked for, and the line is given up when nothing comes for as long again', async () => {
      chat.connect()
      const socket = FakeSocket.last
      socket.establish()
      socket.deliver({ type: 'pong', t: socket.of('ping')[0]?.t })
      vi.advanceTimersByTime(1_000)
      const answer = chat.request({ type: 'clear', room: 'r' })
      const lost = expect(answer).rejects.toMatchObject({ code: 'unavailable' })
      vi.advanceTimersByTime(4_900)
      expect(chat.quietSince.value).toBeUndefined()
      vi.advanceTimersByTime(100)
      expect(chat.quietSince.value).toBe(Date.now() - 5_000)
      expect(socket.of('ping')).toHaveLength(2)
      vi.advanceTimersByTime(5_000)
      expect(chat.error.value?.reason).toBe('silent')
      expect(chat.quietSince.value).toBeUndefined()
      await lost
    })

    it('is no reason to doubt a line over which something else comes', () => {
      chat.connect()
      const socket = FakeSocket.last
      socket.establish()
      void chat.request({ type: 'clear', room: 'r' }).catch(() => undefined)
      vi.advanceTimersByTime(3_000)
      socket.deliver({ type: 'pong', t: socket.of('ping')[0]?.t })
      vi.advanceTimersByTime(1)
      void chat.request({ type: 'clear', room: 'r' }).catch(() => undefined)
      vi.advanceTimersByTime(4_900)
      expect(chat.quietSince.value).toBeUndefined()
      vi.advanceTimersByTime(200)
      expect(chat.quietSince.value, 'the second one is late').toBeDefined()
      socket.deliver({ type: 'pong', t: 1 })
      expect(chat.quietSince.value).toBeUndefined()
      vi.advanceTimersByTime(9_000)
      expect(chat.isConnected.value).toBe(true)
    })
  })

  it('retries at once when the network comes back', () => {
    chat.connect()
    FakeSocket.last.drop()
    window.dispatchEvent(new Event('online'))
    expect(FakeSocket.all).toHaveLength(2)
  })

  it('ignores frames of a superseded socket', () => {
    chat.connect()
    const old = FakeSocket.last
    old.establish()
    old.drop()
    vi.advanceTimersByTime(500)
    const seen = vi.fn()
    chat.on('pong', seen)
    old.deliver({ type: 'pong' })
    expect(seen).not.toHaveBeenCalled()
    old.drop(4409)
    expect(chat.status.value).toBe('connecting')
  })

  it('[FRM-3] settles a request with its own reply', async () => {
    chat.connect()
    FakeSocket.last.establish()
    const first = chat.request({ type: 'clear', room: 'r' })
    const second = chat.request({ type: 'clear', room: 'r' })
    const [a, b] = FakeSocket.last.of('clear')
    FakeSocket.last.deliver({ type: 'error', ref: a!.id, code: 'forbidden', message: 'no', retryable: false })
    FakeSocket.last.deliver({ type: 'ack', ref: b!.id! })
    await expect(first).rejects.toMatchObject({ code: 'forbidden', retryable: false })
    await expect(second).resolves.toMatchObject({ ref: b!.id })
  })

  it('keeps requests while away, bounded, and sends them in order when flushed', async () => {
    const texts = ['a', 'b', 'c'].map(title => chat.request({ type: 'room-update', room: 'r', title }))
    await expect(chat.request({ type: 'clear', room: 'r' })).rejects.toMatchObject({ code: 'unavailable' })
    chat.connect()
    FakeSocket.last.establish()
    expect(FakeSocket.last.of('room-update')).toEqual([])
    chat.flush()
    expect(FakeSocket.last.of('room-update').map(frame => frame.title)).toEqual(['a', 'b', 'c'])
    const failed = Promise.all(texts.map(text => text.catch((error: ChatError) => error.code)))
    FakeSocket.last.drop()
    expect(await failed).toEqual(['unavailable', 'unavailable', 'unavailable'])
  })

  it('survives a frame that is not JSON', () => {
    chat.connect()
    FakeSocket.last.establish()
    FakeSocket.last.onmessage?.({ data: '{' })
    expect(chat.isConnected.value).toBe(true)
  })
})
