import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EffectScope } from 'vue'
import { effectScope } from 'vue'
import type { EntryFrame, ServerFrameOf } from '#shared/protocol/frames'
import type { Chat } from '~/composables/room/useChat'
import { createChat } from '~/composables/room/useChat'
import { useOutboxStore } from '~/stores/outbox'
import { useRoomsStore } from '~/stores/rooms'
import type { Api } from '~/utils/app/api'
import { createNetworkSimulation } from '~/utils/connection/network-simulation'
import type { OutboxStorage } from '~/utils/outbox/outbox-storage'
import { memoryOutbox } from '~/utils/outbox/outbox-storage'
import { FakeSocket } from '../../../support/fake-socket'

const at = '2026-01-01T00:00:00.000Z'

function message(seq: number, extra: Partial<ServerFrameOf<'message.new'>> = {}): ServerFrameOf<'message.new'> {
  return {
    type: 'message.new', room: 'r', seq, messageId: `m${seq}`, userId: 'u2', userName: 'Bob', timestamp: at, metadata: {},
    content: { text: `text ${seq}`, type: 'user', actor_type: 'client', format: 'markdown' }, ...extra,
  }
}

function state(head: number, extra: Partial<ServerFrameOf<'room.state'>> = {}): ServerFrameOf<'room.state'> {
  return {
    type: 'room.state', room: 'r', name: 'r', kind: 'room', title: 'R', locked: false, listed: false, epoch: 'e', head, floor: 0, members: [], bots: [], lines: [], streams: [],
    you: { role: 'member', can: ['chat'], muted: false }, ...extra,
  }
}

describe('useChat', () => {
  let scope: EffectScope
  let chat: Chat
  let kept: OutboxStorage
  const api = { log: vi.fn(), messages: vi.fn(), transport: async () => ({ transport: 'websocket' }) }

  function start() {
    setActivePinia(createPinia())
    scope = effectScope(true)
    const settings = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined }
    chat = scope.run(() => createChat({ api: api as unknown as Api, origin: 'http://t', peerKey: async () => 'k'.repeat(16), storage: kept, settings, simulation: createNetworkSimulation() }))!
  }

  async function join(entries: EntryFrame[] = [], head = entries.at(-1)?.seq ?? 0) {
    FakeSocket.last.establish()
    replay(entries, head)
    await vi.advanceTimersByTimeAsync(0)
  }

  function replay(entries: EntryFrame[], head: number) {
    const frame = FakeSocket.last.of('join').at(-1)!
    FakeSocket.last.deliver({ type: 'ack', ref: frame.id!, room: 'r' })
    FakeSocket.last.deliver(state(head))
    for (const entry of entries) FakeSocket.last.deliver(entry)
    FakeSocket.last.deliver({ type: 'replay.end', room: 'r', from_seq: frame.from_seq ?? 0, lastReplayedSeq: head, totalAvailable: entries.length, head })
  }

  const seqs = () => useRoomsStore().view('r')!.messages.map(item => item.seq)

  beforeEach(async () => {
    vi.useFakeTimers()
    vi.stubGlobal('WebSocket', FakeSocket)
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    FakeSocket.all = []
    kept = memoryOutbox()
    api.log.mockReset()
    api.messages.mockReset()
    start()
    chat.enter('r')
    await vi.advanceTimersByTimeAsync(0)
  })
  afterEach(() => {
    scope.stop()
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
    vi.useRealTimers()
  })

  it('[CON-8] gives its peer key and joins when greeted', async () => {
    expect(FakeSocket.last.url).toBe(`ws://t/api/chat.ws?peer_key=${'k'.repeat(16)}`)
    await join([message(1), message(2)])
    expect(FakeSocket.last.of('join')[0]).toMatchObject({ room: 'r', limit: 100 })
    expect(seqs()).toEqual([1, 2])
  })

  it('[RES-7] goes on from its cursor after a cut and fills a gap over HTTP', async () => {
    await join([message(1)])
    FakeSocket.last.drop()
    await vi.advanceTimersByTimeAsync(250)
    FakeSocket.last.establish()
    expect(FakeSocket.last.of('join')[0]).toMatchObject({ from_seq: 1, epoch: 'e' })
    replay([message(2)], 2)
    api.log.mockResolvedValueOnce({ entries: [message(3), message(4)], head: 4, epoch: 'e' })
    FakeSocket.last.deliver(message(4))
    await vi.advanceTimersByTimeAsync(0)
    expect(api.log).toHaveBeenCalledWith('r', 2)
    expect(seqs()).toEqual([1, 2, 3, 4])
  })

  it('tries the log again when it could not be read', async () => {
    await join([message(1)])
    api.log.mockRejectedValueOnce({ retryable: true }).mockResolvedValueOnce({ entries: [message(2), message(3)], head: 3, epoch: 'e' })
    FakeSocket.last.deliver(message(3))
    await vi.advanceTimersByTimeAsync(1_500)
    expect(seqs()).toEqual([1, 2, 3])
  })

  it('[LOG-4] shows a message at once and replaces it by the stored one', async () => {
    await join()
    const outbox = useOutboxStore()
    chat.outbox.write({ room: 'r', userId: 'u1', text: 'hello' })
    expect(outbox.pending).toMatchObject([{ text: 'hello', state: 'sending' }])
    const sent = FakeSocket.last.of('chat')[0]!
    FakeSocket.last.deliver({ type: 'ack', ref: sent.id!, room: 'r', seq: 1, messageId: 'm1', client_msg_id: sent.client_msg_id, timestamp: at })
    await vi.advanceTimersByTimeAsync(0)
    expect(outbox.pending).toMatchObject([{ state: 'sent', seq: 1 }])
    FakeSocket.last.deliver(message(1, { userId: 'u1', client_msg_id: sent.client_msg_id }))
    expect(outbox.pending).toEqual([])
    expect(seqs()).toEqual([1])
  })

  it('[LOG-4] sends again with the same client_msg_id after a cut, in order, and shows nothing twice', async () => {
    await join()
    for (const text of ['a', 'b']) chat.outbox.write({ room: 'r', userId: 'u1', text })
    const first = FakeSocket.last.of('chat')
    expect(first.map(frame => frame.text)).toEqual(['a'])
    FakeSocket.last.drop()
    await vi.advanceTimersByTimeAsync(250)
    FakeSocket.last.establish()
    replay([message(1, { userId: 'u1', client_msg_id: first[0]!.client_msg_id })], 1)
    await vi.advanceTimersByTimeAsync(0)
    expect(FakeSocket.last.of('chat').map(frame => frame.text)).toEqual(['b'])
    expect(useOutboxStore().pending.map(item => item.kind === 'message' && item.text)).toEqual(['b'])
  })

  it('takes an acknowledged repeat as done when the log already passed it', async () => {
    await join([message(5)])
    chat.outbox.write({ room: 'r', userId: 'u1', text: 'a' })
    const sent = FakeSocket.last.of('chat')[0]!
    FakeSocket.last.deliver({ type: 'ack', ref: sent.id!, room: 'r', seq: 2, messageId: 'm2', duplicate: true })
    await vi.advanceTimersByTimeAsync(0)
    expect(useOutboxStore().pending).toEqual([])
  })

  it('says why a refused message failed, and goes on with the next one', async () => {
    await join()
    for (const text of ['a', 'b']) chat.outbox.write({ room: 'r', userId: 'u1', text })
    FakeSocket.last.deliver({ type: 'error', ref: FakeSocket.last.of('chat')[0]!.id, room: 'r', code: 'forbidden', message: 'You are muted.', retryable: false })
    await vi.advanceTimersByTimeAsync(0)
    expect(useOutboxStore().pending).toMatchObject([{ text: 'a', state: 'failed', error: 'You are muted.' }, { text: 'b', state: 'sending' }])
    expect(FakeSocket.last.of('chat').map(frame => frame.text)).toEqual(['a', 'b'])
  })

  it('[CON-6] waits as long as a rate limit asks, keeping the order', async () => {
    await join()
    for (const text of ['a', 'b']) chat.outbox.write({ room: 'r', userId: 'u1', text })
    FakeSocket.last.deliver({ type: 'error', ref: FakeSocket.last.of('chat')[0]!.id, room: 'r', code: 'rate_limited', message: 'slow', retryable: true, retry_after_ms: 700 })
    await vi.advanceTimersByTimeAsync(699)
    expect(FakeSocket.last.of('chat')).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(FakeSocket.last.of('chat').map(frame => frame.text)).toEqual(['a', 'a'])
    expect(new Set(FakeSocket.last.of('chat').map(frame => frame.client_msg_id)).size).toBe(1)
  })

  it('[A8] sends what was written offline after a reload', async () => {
    chat.outbox.write({ room: 'r', userId: 'u1', text: 'offline' })
    scope.stop()
    start()
    chat.enter('r')
    await vi.advanceTimersByTimeAsync(0)
    await join()
    expect(FakeSocket.last.of('chat').map(frame => frame.text)).toEqual(['offline'])
  })

  it('leaves other people\'s waiting messages unsent', async () => {
    chat.outbox.write({ room: 'r', userId: 'someone-else', text: 'not mine' })
    scope.stop()
    start()
    chat.enter('r')
    await vi.advanceTimersByTimeAsync(0)
    await join()
    expect(FakeSocket.last.of('chat')).toEqual([])
  })

  it('[RES-8] loads older pages with the changes that came while they were read', async () => {
    await join([message(5), message(6)])
    let answer: (page: unknown) => void = () => {}
    api.messages.mockReturnValueOnce(new Promise(resolve => answer = resolve))
    const loading = chat.loadOlder('r')
    FakeSocket.last.deliver({ type: 'message.edited', room: 'r', seq: 7, userId: 'u2', timestamp: at, messageId: 'm4', content: { ...message(4).content, text: 'edited' } })
    answer({ messages: [message(4), message(3)], more: true })
    await loading
    expect(seqs()).toEqual([3, 4, 5, 6])
    expect(useRoomsStore().view('r')!.messages[1]!.content.text).toBe('edited')
  })

  it('[RES-7] shows what comes in quick succession together: nothing is lost, doubled or out of its order', async () => {
    await join([message(1)])
    for (let seq = 2; seq <= 20; seq++) FakeSocket.last.deliver(message(seq))
    FakeSocket.last.deliver(message(20))
    expect(seqs()).toEqual([1, 2])
    await vi.advanceTimersByTimeAsync(50)
    expect(seqs()).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  })

  it('[RES-7] shows what waits before what comes after it, and goes on from there after a cut', async () => {
    await join([message(1)])
    for (let seq = 2; seq <= 5; seq++) FakeSocket.last.deliver(message(seq))
    FakeSocket.last.deliver({ type: 'room.line', room: 'r', line: { kind: 'joined', timestamp: message(5).timestamp, userId: 'u3', name: 'Cy' } })
    expect(seqs()).toEqual([1, 2, 3, 4, 5])
    expect(useRoomsStore().view('r')!.lines.at(-1)).toMatchObject({ after: 5, event: { kind: 'joined', name: 'Cy' } })
    for (let seq = 6; seq <= 7; seq++) FakeSocket.last.deliver(message(seq))
    FakeSocket.last.drop()
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 6, 7])
    await vi.advanceTimersByTimeAsync(250)
    FakeSocket.last.establish()
    expect(FakeSocket.last.of('join')[0]).toMatchObject({ from_seq: 7 })
  })

  it('[LOG-4] never shows a message of ours neither as waiting nor as said', async () => {
    await join()
    chat.outbox.write({ room: 'r', userId: 'u1', text: 'mine' })
    const sent = FakeSocket.last.of('chat')[0]!
    FakeSocket.last.deliver(message(1))
    FakeSocket.last.deliver(message(2, { userId: 'u1', client_msg_id: sent.client_msg_id }))
    const shown = () => useOutboxStore().pending.length + useRoomsStore().view('r')!.messages.filter(item => item.userId === 'u1').length
    expect(shown()).toBe(1)
    FakeSocket.last.deliver({ type: 'ack', ref: sent.id!, room: 'r', seq: 2, messageId: 'm2', client_msg_id: sent.client_msg_id, timestamp: at })
    await vi.advanceTimersByTimeAsync(0)
    expect(shown()).toBe(1)
    expect(seqs()).toEqual([1, 2])
  })

  it('shows every message at once where the page is hidden, for its timers may rest', async () => {
    await join()
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
    for (let seq = 1; seq <= 4; seq++) FakeSocket.last.deliver(message(seq))
    expect(seqs()).toEqual([1, 2, 3, 4])
  })

  it('leaves a room with what waited for it', async () => {
    await join()
    for (let seq = 1; seq <= 3; seq++) FakeSocket.last.deliver(message(seq))
    chat.exit('r')
    await vi.advanceTimersByTimeAsync(100)
    expect(useRoomsStore().view('r')).toBeUndefined()
  })

  it('says that it was removed from the room', async () => {
    await join([message(1)])
    FakeSocket.last.deliver({ type: 'error', room: 'r', code: 'forbidden', message: 'You were removed.', retryable: false })
    expect(useRoomsStore().view('r')).toMatchObject({ phase: 'removed', reason: 'You were removed.' })
  })

  it('[TYP-1] clears typing by itself', async () => {
    await join()
    FakeSocket.last.deliver({ type: 'typing', room: 'r', userId: 'u2', userName: 'Bob', active: true })
    expect(useRoomsStore().view('r')!.typing).toEqual([{ userId: 'u2', name: 'Bob' }])
    await vi.advanceTimersByTimeAsync(7_000)
    expect(useRoomsStore().view('r')!.typing).toEqual([])
  })

  it('closes the connection with the last room', async () => {
    await join()
    chat.exit('r')
    expect(FakeSocket.last.of('leave')).toHaveLength(1)
    expect(FakeSocket.last.closedWith).toBe(1000)
  })
})
