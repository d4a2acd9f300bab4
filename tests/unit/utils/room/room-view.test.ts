import { describe, expect, it } from 'vitest'
import type { EntryFrame, ServerFrameOf } from '#shared/protocol/frames'
import type { StoredSystemLine } from '#shared/protocol/system-lines'
import { mergedLines } from '../../../../utils/room/room-lines'
import type { RoomView } from '../../../../utils/room/room-view'
import { emptyRoom, MESSAGES_KEPT, MESSAGES_MAX, tooMany, trimmed, withEntries, withOlder, withPresence, withSnapshot, withState } from '../../../../utils/room/room-view'

const at = '2026-01-01T00:00:00.000Z'
const base = { room: 'r', userId: 'u', timestamp: at }

function message(seq: number): ServerFrameOf<'message.new'> {
  return { ...base, type: 'message.new', seq, messageId: `m${seq}`, userName: 'Ann', metadata: {}, content: { text: `t${seq}`, type: 'user', actor_type: 'client', format: 'markdown' } }
}

function reaction(seq: number, op: 'add' | 'remove', userId = 'u'): EntryFrame {
  return { ...base, type: 'reaction', seq, userId, messageId: 'm1', emoji: '👍', op }
}

const room = (entries: EntryFrame[]) => withSnapshot(emptyRoom('r'), entries, entries.at(-1)?.seq ?? 0)

describe('room view', () => {
  it('[LOG-5] edits and deletes in place', () => {
    const view = withEntries(room([message(1), message(2)]), [
      { ...base, type: 'message.edited', seq: 3, messageId: 'm1', content: { ...message(1).content, text: 'new' } },
      { ...base, type: 'message.deleted', seq: 4, messageId: 'm2' },
    ])
    expect(view.messages[0]).toMatchObject({ content: { text: 'new' }, edited: at })
    expect(view.messages[1]).toMatchObject({ deleted: true, content: { text: '' } })
    expect(view.last).toBe(4)
  })

  it('[LOG-5] shows a reaction once per person, however often it is replayed', () => {
    const once = withEntries(room([message(1)]), [reaction(2, 'add'), reaction(2, 'add'), reaction(3, 'add', 'v')])
    expect(once.messages[0]?.reactions).toEqual({ '👍': ['u', 'v'] })
    const gone = withEntries(once, [reaction(4, 'remove'), reaction(5, 'remove', 'v')])
    expect(gone.messages[0]?.reactions).toBeUndefined()
  })

  it('[SYS-1] shows the same lines live, after a reload and after scrolling up', () => {
    const state = (lines: StoredSystemLine[]): ServerFrameOf<'room.state'> => ({
      type: 'room.state', room: 'r', name: 'r', kind: 'room', title: 'r', locked: true, listed: false, epoch: 'e', head: 5, floor: 0,
      members: [], bots: [], lines, streams: [], you: { role: 'member', can: [], muted: false },
    })
    const minute = (n: number) => `2026-01-01T00:0${n}:00.000Z`
    const said = [1, 2, 4, 5].map(seq => ({ ...message(seq), timestamp: minute(seq) }))
    const joined = { kind: 'joined' as const, timestamp: minute(2), userId: 'bo', name: 'Bo' }
    const locked = { ...base, type: 'room.updated' as const, seq: 3, timestamp: minute(3), userName: 'Ann', locked: true }
    const early = room(said.slice(0, 2))
    const live = withEntries({ ...early, lines: mergedLines(early, [joined]) }, [locked, ...said.slice(2)])
    const lines = [joined, { kind: 'locked' as const, seq: 3, timestamp: minute(3), userId: 'u', name: 'Ann' }]
    const reloaded = withSnapshot(withState(emptyRoom('r'), state(lines), 0), said, 5)
    expect(live.lines.map(line => [line.key, line.after, line.event])).toEqual([
      ['joined:bo', 2, { kind: 'joined', name: 'Bo' }], ['3:locked', 3, { kind: 'locked', name: 'Ann' }],
    ])
    expect(reloaded.lines).toEqual(live.lines)
    const recent = withSnapshot(withState(emptyRoom('r'), state(lines.slice(1)), 0), said.slice(2), 5)
    expect(recent.lines, 'lines before the oldest message come with it').toEqual([])
    expect(withOlder(recent, said.slice(0, 2), false, [], lines).lines).toEqual(live.lines)
    // Told again at a reconnect: once.
    expect(withState(live, state(lines), 0).lines).toEqual(live.lines)
  })

  it('[LOG-6] clears up to the floor and says who did', () => {
    const view = withEntries(room([message(1), message(2)]), [{ ...base, type: 'clear', seq: 3, userName: 'Ann', floor_seq: 2 }, message(4)])
    expect(view.messages.map(item => item.seq)).toEqual([4])
    expect(view.lines.map(line => line.event)).toEqual([{ kind: 'cleared', name: 'Ann' }])
    expect(view.more).toBe(false)
  })

  it('[RES-8] puts older pages first, without doubles, and knows whether there is more', () => {
    const view = withOlder(room([message(3), message(4)]), [message(3), message(2)], false, [])
    expect(view.messages.map(item => item.seq)).toEqual([2, 3, 4])
    expect(view.more).toBe(false)
  })

  it('keeps the newest when trimmed', () => {
    const view = trimmed(room(Array.from({ length: 300 }, (_, index) => message(index + 1))))
    expect(view.messages).toHaveLength(256)
    expect(view.messages[0]?.seq).toBe(45)
    expect(view.more).toBe(true)
  })

  it('[A3] keeps few messages at the end and many above it, with room to grow, and says when no more are loaded', () => {
    expect(tooMany(2 * MESSAGES_KEPT, true)).toBeUndefined()
    expect(tooMany(2 * MESSAGES_KEPT + 1, true)).toBe(MESSAGES_KEPT)
    expect(tooMany(MESSAGES_MAX + MESSAGES_KEPT, false)).toBeUndefined()
    expect(tooMany(MESSAGES_MAX + MESSAGES_KEPT + 1, false)).toBe(MESSAGES_MAX)
    const long = trimmed(room(Array.from({ length: MESSAGES_MAX + 300 }, (_, index) => message(index + 1))), MESSAGES_MAX)
    expect(long.messages).toHaveLength(MESSAGES_MAX)
    expect(long.messages[0]?.seq).toBe(301)
    expect(long.more).toBe(false)
    expect(trimmed(long).more).toBe(true)
  })

  it('[PRS-1] lists members by name, told once or twice', () => {
    const member = (userId: string, name: string) => ({ userId, name, role: 'member' as const, status: 'online' as const, peers: [] })
    const tell = (view: RoomView, event: 'join' | 'leave', userId: string, name: string) =>
      withPresence(view, { type: 'presence', room: 'r', event, member: member(userId, name) })
    let view = room([])
    for (const [userId, name] of [['z', 'Zoe'], ['a', 'Ann'], ['me', 'Me'], ['a', 'Ann']] as const) view = tell(view, 'join', userId, name)
    expect(view.members.map(item => item.name)).toEqual(['Ann', 'Me', 'Zoe'])
    // Each is told twice while two lines feed one connection.
    for (const event of ['join', 'leave', 'leave'] as const) view = tell(view, event, 'z', 'Zoe')
    expect(view.members.map(item => item.name)).toEqual(['Ann', 'Me'])
    expect(view.lines).toEqual([])
  })

  it('[LOG-1] tells changes of the room and keeps a member\'s role and silence', () => {
    const members = [{ userId: 'v', name: 'Vic', role: 'member' as const, status: 'online' as const, peers: [] }]
    const view = withEntries({ ...room([]), members }, [
      { ...base, type: 'room.updated', seq: 1, title: 'New', locked: true },
      { ...base, type: 'room.updated', seq: 2, member: { userId: 'v', name: 'Vic', muted: true } },
    ])
    expect(view).toMatchObject({ title: 'New', locked: true, members: [{ userId: 'v', muted: true }] })
    expect(view.lines.map(line => line.event.kind)).toEqual(['title', 'locked', 'muted'])
  })
})
