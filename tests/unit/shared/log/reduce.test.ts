import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RoomTail } from '../../../../server/log/tail'
import type { Entry, EntryOf, Message } from '../../../../shared/log/entries'
import { changedMessage, reacted, reduceEntry } from '../../../../shared/log/reduce'
import { emptyRoom, withEntries } from '../../../../utils/room/room-view'

const AT = '2026-01-01T00:00:00.000Z'
const base = (seq: number) => ({ room: 'lobby', seq, userId: 'ann', timestamp: AT })
const said = (seq: number, text = 'said'): Message => ({
  type: 'message.new', ...base(seq), messageId: `m${seq}`, userName: 'Ann', metadata: {},
  content: { text, type: 'user', actor_type: 'client', format: 'markdown' },
})

describe('what an entry does', () => {
  it('[LOG-5] changes a message once, however often it is applied, and a deleted one no more', () => {
    const edit: EntryOf<'message.edited'> = { type: 'message.edited', ...base(2), messageId: 'm1', content: { ...said(1).content, text: 'anew' } }
    const once = changedMessage(said(1), edit)
    expect(once).toEqual({ ...said(1), content: { ...said(1).content, text: 'anew' }, edited: AT })
    expect(changedMessage(once, edit)).toEqual(once)
    const gone = changedMessage({ ...once, reactions: { '👍': ['bob'] } }, { type: 'message.deleted', ...base(3), messageId: 'm1' })
    expect(gone).toEqual({ ...said(1, ''), deleted: true })
    expect(changedMessage(gone, edit)).toEqual(gone)
  })

  it('[LOG-5] reactions are a set a person, and names every object has are emoji like others', () => {
    for (const emoji of ['👍', 'constructor', 'toString']) {
      const one = reacted(undefined, { emoji, op: 'add', userId: 'ann' })
      expect(one).toEqual({ [emoji]: ['ann'] })
      expect(reacted(one, { emoji, op: 'add', userId: 'ann' })).toEqual(one)
      expect(reacted(one, { emoji, op: 'remove', userId: 'bob' })).toEqual(one)
      expect(reacted(one, { emoji, op: 'remove', userId: 'ann' })).toBeUndefined()
    }
  })

  it('a replayed message is taken as the message it is', () => {
    const types: string[] = []
    const note = (_: undefined, { type }: Entry) => void types.push(type)
    const all = { 'message.new': note, 'message.edited': note, 'message.deleted': note, 'reaction': note, 'clear': note, 'bot-toggle': note, 'room.updated': note }
    reduceEntry(all, undefined, { ...said(1), type: 'message.replay' })
    expect(types).toEqual(['message.new'])
  })

  it('[LOG-5] what the server keeps in memory and what a page shows are the same messages, whatever is said and changed', () => {
    const step = fc.record({ kind: fc.constantFrom('say', 'edit', 'delete', 'add', 'remove', 'clear'), target: fc.nat(), text: fc.string(), emoji: fc.constantFrom('👍', '🎉'), userId: fc.constantFrom('ann', 'bob') })
    fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const tail = new RoomTail({ entries: [], epoch: 'e', head: 0, floor: 0 })
      const entries: Entry[] = []
      for (const [n, { kind, target, text, emoji, userId }] of steps.entries()) {
        const seq = n + 1
        const messageId = `m${1 + target % seq}`
        const entry: Entry = kind === 'say'
          ? said(seq, text)
          : kind === 'edit'
            ? { type: 'message.edited', ...base(seq), messageId, content: { ...said(1).content, text } }
            : kind === 'delete'
              ? { type: 'message.deleted', ...base(seq), messageId }
              : kind === 'clear'
                ? { type: 'clear', ...base(seq), floor_seq: seq - 1 }
                : { type: 'reaction', ...base(seq), userId, messageId, emoji, op: kind as 'add' | 'remove' }
        entries.push(entry)
        expect(tail.apply([entry])).toBe(true)
      }
      const shown = withEntries(emptyRoom('lobby'), entries)
      const kept = tail.newest(100)?.entries.map(({ type: _, ...message }) => message)
      expect(shown.messages).toEqual(kept)
      expect(shown.floor).toBe(tail.floor)
    }))
  })
})
