import { describe, expect, it } from 'vitest'
import type { EntryFrame, ServerFrameOf } from '#shared/protocol/frames'
import { emptyRoom, MESSAGES_KEPT, MESSAGES_MAX, tooMany, trimmed, withEntries, withOlder, withPresence, withSnapshot, withState } from '../../../utils/room-view'

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
    expect(gone.messages[0]?.reactions).toEqual({})
  })

  it('[PRS-1] takes who comes back after a restart for no news, and who comes later for an arrival', () => {
    const person = (userId: string) => ({ userId, name: userId, role: 'member' as const, status: 'online' as const, peers: [] })
    const state = (...userIds: string[]): ServerFrameOf<'room.state'> => ({
      type: 'room.state', room: 'r', name: 'r', kind: 'room', title: 'r', locked: false, listed: false, epoch: 'e', head: 0, floor: 0,
      members: userIds.map(person), bots: [], streams: [], you: { role: 'member', can: [], muted: false },
    })
    const comes = (view: ReturnType<typeof emptyRoom>, userId: string, when: string) =>
      withPresence(view, { type: 'presence', room: 'r', event: 'join', member: person(userId) }, when, 'me')
    const restarted = withState(withState(emptyRoom('r'), state('me', 'ann', 'bob'), 0), state('me'), Date.parse(at))
    const back = comes(comes(restarted, 'ann', '2026-01-01T00:00:05.000Z'), 'cleo', '2026-01-01T00:00:06.000Z')
    expect(back.members.map(member => member.userId)).toEqual(['ann', 'cleo', 'me'])
    expect(comes(back, 'bob', '2026-01-01T00:02:00.000Z').lines.map(line => line.event)).toEqual([{ kind: 'joined', name: 'cleo' }, { kind: 'joined', name: 'bob' }])
  })

  it('[LOG-6] clears up to the floor and says who did', () => {
    const view = withEntries(room([message(1), message(2)]), [{ ...base, type: 'clear', seq: 3, floor_seq: 2 }, message(4)])
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

  it('[PRS-1] lists members by name and tells who came and went, except oneself', () => {
    const member = (userId: string, name: string) => ({ userId, name, role: 'member' as const, status: 'online' as const, peers: [] })
    let view = room([])
    for (const [userId, name] of [['z', 'Zoe'], ['a', 'Ann'], ['me', 'Me']] as const) view = withPresence(view, { type: 'presence', room: 'r', event: 'join', member: member(userId, name) }, at, 'me')
    expect(view.members.map(item => item.name)).toEqual(['Ann', 'Me', 'Zoe'])
    // Each is told twice while two lines feed one connection.
    for (const event of ['join', 'leave', 'leave'] as const) view = withPresence(view, { type: 'presence', room: 'r', event, member: member('z', 'Zoe') }, at, 'me')
    expect(view.lines.map(line => line.event)).toEqual([{ kind: 'joined', name: 'Zoe' }, { kind: 'joined', name: 'Ann' }, { kind: 'left', name: 'Zoe' }])
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
