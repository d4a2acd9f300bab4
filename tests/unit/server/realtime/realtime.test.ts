import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RoomLog } from '../../../../server/log/types'
import { PollingTransport } from '../../../../server/realtime/transports/polling'
import { PollingLines } from '../../../../server/realtime/transports/polling-lines'
import { LIMITS } from '../../../../shared/protocol/limits'
import { createTestCore } from '../../../support/core'
import type { TestClient, TestCore } from '../../../support/core'

const chat = (text: string, id = text) => ({ type: 'chat', room: 'lobby', text, client_msg_id: id }) as const
const join = (from_seq?: number) => ({ type: 'join', room: 'lobby', ...(from_seq !== undefined && { from_seq }) }) as const
const seqs = (client: TestClient) => client.transport.frames.flatMap(frame => 'seq' in frame && frame.type !== 'ack' ? [frame.seq] : [])

describe('the core without Nuxt', () => {
  let core: TestCore
  let readDelay: Promise<void> | undefined
  let readStarted: () => void

  beforeEach(async () => {
    readDelay = undefined
    readStarted = () => {}
    core = await createTestCore((log: RoomLog) => ({
      ...log,
      async since(...read) {
        const slice = await log.since(...read)
        readStarted()
        await readDelay
        return slice
      },
    }))
  })
  afterEach(async () => {
    expect(core.errors).toEqual([])
    await core.dispose()
  })

  it('[RES-1] loses and doubles nothing at the seam: what is committed between read and send comes once, in order', async () => {
    const ann = await core.connect('ann')
    await ann.request(join())
    for (const text of ['one', 'two', 'three']) await ann.request(chat(text))
    const bob = await core.connect('bob')
    let release = () => {}
    readDelay = new Promise((resolve) => {
      release = resolve
    })
    const reading = new Promise<void>((resolve) => {
      readStarted = resolve
    })
    const joined = bob.request(join(1))
    await reading
    for (const text of ['four', 'five']) await ann.request(chat(text))
    release()
    expect(await joined).toMatchObject({ type: 'ack', room: 'lobby' })
    await ann.request(chat('six'))
    await bob.settled()
    expect(seqs(bob)).toEqual([2, 3, 4, 5, 6])
    expect(bob.transport.frames.map(frame => frame.type).slice(1, 5)).toEqual(['ack', 'room.state', 'message.replay', 'message.replay'])
    expect(bob.transport.ofType('replay.end')).toMatchObject([{ from_seq: 1, lastReplayedSeq: 3, totalAvailable: 2, head: 3 }])
  })

  it('[FRM-6] answers frames in the order they came, however long one takes', async () => {
    const ann = await core.connect('ann')
    await ann.request(join())
    ann.send({ ...chat('slow'), id: 'a' })
    ann.send({ type: 'ping', id: 'b' })
    ann.send({ type: 'nonsense', id: 'c' })
    ann.send({ type: 'leave', room: 'lobby', id: 'd' })
    await ann.settled()
    const refs = ann.transport.frames.flatMap(frame => 'ref' in frame ? [frame.ref] : [])
    expect(refs.slice(-4)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('[FRM-6] what a connection says in one go goes to disk together, in order; what is not said waits for it', async () => {
    const ann = await core.connect('ann')
    await ann.request(join())
    const commits: number[][] = []
    core.log.onCommitted((_room, entries) => commits.push(entries.map(entry => entry.seq)))
    const from = ann.transport.frames.length
    for (const id of ['a', 'b', 'c']) ann.send({ ...chat(id), id })
    ann.send({ type: 'edit', room: 'lobby', messageId: 'none', text: 'never was', id: 'd' })
    ann.send({ ...chat('last'), id: 'e' })
    ann.send({ type: 'leave', room: 'lobby', id: 'f' })
    ann.send({ ...chat('too late'), id: 'g' })
    await ann.settled()
    expect(commits).toEqual([[1, 2, 3, 4]])
    expect(ann.transport.frames.slice(from).flatMap(frame => 'ref' in frame ? [[frame.ref, frame.type === 'ack' ? frame.seq : frame.type]] : []))
      .toEqual([['a', 1], ['b', 2], ['c', 3], ['d', 'error'], ['e', 4], ['f', undefined], ['g', 'error']])
  })

  it('[BP-1] writes one tick in one write', async () => {
    const ann = await core.connect('ann')
    const bob = await core.connect('bob')
    await ann.request(join())
    await bob.request(join())
    const before = bob.transport.writes.length
    await Promise.all(['a', 'b', 'c'].map(text => core.log.append(ann.connection.rooms.get('lobby')?.room.id ?? '', {
      type: 'message', userId: ann.userId, userName: 'ann', content: { text, type: 'user', actor_type: 'client', format: 'plain' },
    })))
    await bob.settled()
    expect(bob.transport.writes.slice(before).map(frames => frames.length)).toEqual([3])
  })

  it('[BP-1] conflates states for one who lags behind, never entries, and gives the newest state when there is room', async () => {
    const ann = await core.connect('ann')
    const bob = await core.connect('bob')
    await ann.request(join())
    await bob.request(join())
    bob.transport.bufferedBytes = LIMITS.conflateBytes + 1
    for (const hand of [true, false, true]) await ann.request({ type: 'media-state', room: 'lobby', in_call: true, mic: true, cam: false, screen: false, hand })
    await ann.request(chat('still there'))
    expect(bob.transport.ofType('message.new')).toHaveLength(1)
    expect(bob.transport.ofType('presence')).toHaveLength(0)
    bob.transport.bufferedBytes = 0
    core.advance(500)
    expect(bob.transport.ofType('presence')).toMatchObject([{ event: 'update', member: { userId: ann.userId, peers: [{ media: { hand: true } }] } }])
  })

  it('[BP-1] closes one who has too much unsent, and one whom nothing reaches for 10 s; [BP-2] the others notice nothing', async () => {
    const ann = await core.connect('ann')
    const full = await core.connect('full')
    const stuck = await core.connect('stuck')
    for (const client of [ann, full, stuck]) await client.request(join())
    stuck.transport.stalled = true
    await ann.request(chat('hello'))
    full.transport.bufferedBytes = LIMITS.closeBytes + 1
    await ann.request(chat('again'))
    await full.settled()
    expect(full.transport.closed).toMatchObject({ code: 4408 })
    core.advance(500)
    expect(stuck.transport.closed).toBeUndefined()
    core.advance(LIMITS.stalledMs)
    expect(stuck.transport.closed).toMatchObject({ code: 4408 })
    expect(ann.transport.closed).toBeUndefined()
    expect(seqs(ann)).toEqual([1, 2])
  })

  it('[BP-1] a long replay is no reason to close one who takes long over it; what comes on top of it is', async () => {
    const ann = await core.connect('ann')
    await ann.request(join())
    const say = async (count: number, name: string) => {
      for (let i = 0; i < count; i++) {
        core.advance(40)
        expect(await ann.request(chat('x'.repeat(LIMITS.textBytes), `${name}${i}`))).toMatchObject({ type: 'ack' })
      }
    }
    await say(80, 'before')
    const slow = await core.connect('slow')
    slow.transport.stalled = true
    await slow.request({ type: 'join', room: 'lobby', from_seq: 0 })
    expect(slow.transport.bufferedBytes).toBeGreaterThan(LIMITS.closeBytes)
    await ann.request(chat('a word more'))
    expect(slow.transport.closed).toBeUndefined()
    for (let joins = 0; joins < 2; joins++) expect(await slow.request({ type: 'join', room: 'lobby', from_seq: 0 })).toMatchObject({ type: 'ack' })
    expect(slow.transport.bufferedBytes).toBeGreaterThan(LIMITS.replayBacklogBytes - LIMITS.closeBytes)
    expect(await slow.request({ type: 'join', room: 'lobby', from_seq: 0 })).toMatchObject({ type: 'ack' })
    expect(await slow.request({ type: 'join', room: 'lobby', from_seq: 0 })).toMatchObject({ code: 'rate_limited', retry_after_ms: 1000 })
    await say(66, 'after')
    expect(slow.transport.closed).toMatchObject({ code: 4408 })
  })

  it('[PRS-1] tells join with the first peer and leave 10 s after the last; a return in between is silent', async () => {
    const ann = await core.connect('ann')
    await ann.request(join())
    const bob = await core.connect('bob', { peerKey: 'one' })
    await bob.request(join())
    const second = await core.connect('bob', { userOf: bob, peerKey: 'two' })
    await second.request(join())
    core.realtime.closed(second.connection)
    core.advance(LIMITS.presenceGraceMs)
    core.realtime.closed(bob.connection)
    core.advance(LIMITS.presenceGraceMs - 1)
    const back = await core.connect('bob', { userOf: bob, peerKey: 'one' })
    await back.request(join())
    core.advance(LIMITS.presenceGraceMs)
    core.realtime.closed(back.connection)
    core.advance(LIMITS.presenceGraceMs)
    await ann.settled()
    const ofBob = ann.transport.ofType('presence').filter(frame => frame.member.userId === bob.userId)
    expect(ofBob.map(frame => [frame.event, frame.member.peers.length])).toEqual([['join', 1], ['update', 2], ['update', 1], ['leave', 0]])
  })

  it('[PRS-2] closes a silent connection after 60 s, and its user is gone at once', async () => {
    const ann = await core.connect('ann')
    const bob = await core.connect('bob')
    await ann.request(join())
    await bob.request(join())
    core.advance(LIMITS.silenceMs - 1)
    expect(bob.transport.closed).toBeUndefined()
    await ann.request({ type: 'ping' })
    core.advance(1)
    core.advance(500)
    expect(bob.transport.closed).toMatchObject({ code: 4408 })
    await ann.settled()
    expect(ann.transport.ofType('presence').at(-1)).toMatchObject({ event: 'leave', member: { userId: bob.userId } })
  })

  it('[RTC-2] remembers media for 60 s after the connection went, and not for one who left', async () => {
    const media = { in_call: true, mic: true, cam: true, screen: false, hand: false }
    const ann = await core.connect('ann')
    await ann.request(join())
    const stateOf = async (gapMs: number, leave: boolean) => {
      const bob = await core.connect('bob', { peerKey: `${gapMs} ${leave}` })
      await bob.request(join())
      await bob.request({ type: 'media-state', room: 'lobby', ...media })
      if (leave) await bob.request({ type: 'leave', room: 'lobby' })
      core.realtime.closed(bob.connection)
      for (let waited = 0; waited < gapMs; waited += 500) {
        core.advance(500)
        await ann.request({ type: 'ping' })
      }
      const back = await core.connect('bob', { userOf: bob, peerKey: `${gapMs} ${leave}` })
      await back.request(join())
      return back.transport.ofType('room.state')[0]?.members.find(member => member.userId === bob.userId)?.peers[0]?.media
    }
    expect(await stateOf(5000, false)).toEqual(media)
    expect(await stateOf(55_000, false)).toEqual(media)
    expect(await stateOf(61_000, false)).toBeNull()
    expect((await stateOf(1000, true))?.in_call ?? false).toBe(false)
  })

  it('[CON-8] two connections of a peer both get room frames; the newer gets signals; the older is closed after 10 s', async () => {
    const ann = await core.connect('ann')
    const older = await core.connect('bob', { peerKey: 'same' })
    const newer = await core.connect('bob', { userOf: older, peerKey: 'same' })
    for (const client of [ann, older, newer]) await client.request(join())
    expect(await ann.request({ type: 'webrtc-signal', room: 'lobby', to: `${older.userId}:same`, signal: { n: 1 } })).toMatchObject({ type: 'ack' })
    await ann.request(chat('both'))
    await newer.settled()
    expect([older, newer].map(client => client.transport.ofType('webrtc-signal').length)).toEqual([0, 1])
    expect([older, newer].map(client => client.transport.ofType('message.new').length)).toEqual([1, 1])
    core.advance(LIMITS.replacedAfterMs - 1)
    expect(older.transport.closed).toBeUndefined()
    core.advance(1)
    expect(older.transport.closed).toMatchObject({ code: 4409 })
    expect(newer.transport.closed).toBeUndefined()
  })

  it('[CON-8] a polling connection replaces nobody until its client has shown that it knows of it', async () => {
    const older = await core.connect('bob', { peerKey: 'same' })
    const lines = new PollingLines(core.realtime)
    const transport = new PollingTransport()
    const newer = core.realtime.open({ transport, address: 'bob', identity: { user: older.user, orgId: 'main', sid: 'newer', expiresAt: Number.MAX_SAFE_INTEGER }, peerKey: 'same' })
    lines.add(newer, transport, older.userId)
    core.advance(LIMITS.replacedAfterMs + 1)
    expect(older.transport.closed).toBeUndefined()
    await lines.poll(older.userId, newer.id, 0, 0, new AbortController().signal)
    core.advance(LIMITS.replacedAfterMs)
    expect(older.transport.closed).toMatchObject({ code: 4409 })
  })

  it('[CON-8] a connection whose successor has gone is not taken for replaced', async () => {
    const older = await core.connect('bob', { peerKey: 'same' })
    const newer = await core.connect('bob', { userOf: older, peerKey: 'same' })
    core.realtime.closed(newer.connection)
    core.advance(LIMITS.replacedAfterMs + 1)
    expect(older.transport.closed).toBeUndefined()
  })

  it('[LOG-7] one who is removed is told, leaves at once, reads nothing more, and may come back when let in again', async () => {
    const ann = await core.connect('ann')
    const bob = await core.connect('bob')
    await ann.request(join())
    await bob.request(join())
    expect(await bob.request({ type: 'member-update', room: 'lobby', userId: ann.userId, removed: true })).toMatchObject({ code: 'forbidden' })
    expect(await ann.request({ type: 'member-update', room: 'lobby', userId: bob.userId, removed: true })).toMatchObject({ type: 'ack', seq: 1 })
    await ann.request(chat('secret'))
    await bob.settled()
    expect(bob.transport.frames.at(-1)).toMatchObject({ type: 'error', code: 'forbidden', room: 'lobby' })
    expect(await bob.request(chat('let me'))).toMatchObject({ code: 'forbidden' })
    expect(await bob.request(join())).toMatchObject({ code: 'forbidden' })
    await ann.request({ type: 'member-update', room: 'lobby', userId: bob.userId, removed: false })
    expect(await bob.request(join())).toMatchObject({ type: 'ack' })
  })

  it('[LOG-7] a muted member reads and does not write; a locked room takes nobody new', async () => {
    const ann = await core.connect('ann')
    const bob = await core.connect('bob')
    await ann.request(join())
    await bob.request(join())
    await ann.request({ type: 'member-update', room: 'lobby', userId: bob.userId, muted: true })
    expect(await bob.request(chat('x'))).toMatchObject({ code: 'forbidden' })
    await ann.request({ type: 'room-update', room: 'lobby', locked: true })
    const eve = await core.connect('eve')
    expect(await eve.request(join())).toMatchObject({ code: 'forbidden', room: 'lobby' })
    expect(await bob.request(join())).toMatchObject({ type: 'ack' })
    expect(bob.transport.ofType('room.state').at(-1)).toMatchObject({ locked: true, you: { role: 'member', can: [], muted: true } })
  })
})
