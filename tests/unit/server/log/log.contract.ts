import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AppendMessage, RoomLog } from '../../../../server/log/types'
import type { Entry, User } from '../../../../shared/protocol/frames'

/** What a log implementation gives the suite: a log, two people, and a room both write to. */
export interface LogSetup {
  log: RoomLog
  roomId: string
  otherRoomId: string
  ann: User
  bob: User
  /** Everything the store keeps, to look for what must be gone. */
  raw: () => Promise<string>
  /** The same store opened anew, as after a restart. */
  reopen: () => Promise<RoomLog>
  dispose: () => Promise<void>
}

/** The contract of {@link RoomLog}, to be run against every implementation. */
export function describeLog(name: string, setup: () => Promise<LogSetup>): void {
  describe(`RoomLog: ${name}`, () => {
    let given: LogSetup
    beforeEach(async () => {
      given = await setup()
    })
    afterEach(() => given.dispose())

    const say = (user: User, text: string, clientMsgId?: string): AppendMessage => ({
      type: 'message', userId: user.id, userName: user.name, clientMsgId, content: { text, type: 'user', actor_type: 'client', format: 'markdown' },
    })
    const texts = (entries: Entry[]) => entries.map(entry => entry.type === 'message.new' ? entry.content.text : entry.type)

    it('[LOG-1] numbers 500 concurrent appends of two rooms without a gap, and publishes them in order', async () => {
      const seen = new Map<string, number[]>()
      given.log.onCommitted((roomId, entries) => seen.set(roomId, [...seen.get(roomId) ?? [], ...entries.map(entry => entry.seq)]))
      await Promise.all(Array.from({ length: 500 }, (_, i) => given.log.append(i % 2 ? given.roomId : given.otherRoomId, say(given.ann, `m${i}`))))
      const expected = Array.from({ length: 250 }, (_, i) => i + 1)
      expect(seen.get(given.roomId)).toEqual(expected)
      expect(seen.get(given.otherRoomId)).toEqual(expected)
      expect((await given.log.since(given.roomId, 0, 500)).entries.map(entry => entry.seq)).toEqual(expected)
    })

    it('[LOG-2] publishes before it resolves, and keeps what it resolved through a restart', async () => {
      const published: number[] = []
      given.log.onCommitted((_room, entries) => published.push(...entries.map(entry => entry.seq)))
      const { seq } = await given.log.append(given.roomId, say(given.ann, 'kept'))
      expect(published).toEqual([seq])
      const reopened = await given.reopen()
      expect(texts((await reopened.since(given.roomId, 0, 10)).entries)).toEqual(['kept'])
    })

    it('[LOG-4] stores a repeated client_msg_id once, in one batch, later, and after a restart', async () => {
      const [first, twin] = await Promise.all([given.log.append(given.roomId, say(given.ann, 'one', 'id')), given.log.append(given.roomId, say(given.ann, 'two', 'id'))])
      const later = await given.log.append(given.roomId, say(given.ann, 'three', 'id'))
      const after = await (await given.reopen()).append(given.roomId, say(given.ann, 'four', 'id'))
      for (const repeat of [twin, later, after]) {
        expect(repeat).toMatchObject({ seq: first.seq, messageId: first.messageId, timestamp: first.timestamp, duplicate: true })
        expect(repeat.entry).toBeUndefined()
      }
      const other = await given.log.append(given.roomId, say(given.bob, 'his own', 'id'))
      expect(other).toMatchObject({ seq: 2 })
      expect(other.duplicate).toBeUndefined()
    })

    it('[FRM-5] gives every text back as it was, whatever characters are in it', async () => {
      const said = ['zero \0 in it', '\0', '\uFDD0', '\uFDD00 and \uFDD01 \0\uFDD0\0', '\u202Eright to left', 'a\u0301 \u{10FFFF}', '\'); drop table messages; --']
      for (const [n, text] of said.entries()) await given.log.append(given.roomId, say(given.ann, text, `id \0 ${n}`))
      expect(texts((await (await given.reopen()).since(given.roomId, 0, 10)).entries)).toEqual(said)
      const again = await Promise.all(said.map((text, n) => given.log.append(given.roomId, say(given.ann, text, `id \0 ${n}`))))
      expect(again.map(({ seq, duplicate }) => [seq, duplicate])).toEqual(said.map((_, n) => [n + 1, true]))
    })

    it('[LOG-5] shows an edited text on every read, earlier edits included', async () => {
      const { messageId = '' } = await given.log.append(given.roomId, say(given.ann, 'first'))
      for (const text of ['second', 'third']) await given.log.append(given.roomId, { type: 'edit', userId: given.ann.id, moderator: false, messageId, text })
      for (const log of [given.log, await given.reopen()]) {
        const { entries } = await log.since(given.roomId, 0, 10)
        expect(entries.map(entry => 'content' in entry ? entry.content?.text : undefined)).toEqual(['third', 'third', 'third'])
        expect(texts((await log.newest(given.roomId, 10)).entries)).toEqual(['third'])
        expect((await log.before(given.roomId, 99, 10)).messages.map(message => message.content.text)).toEqual(['third'])
        expect((await log.search(given.roomId, 'third', 10)).map(message => message.messageId)).toEqual([messageId])
        expect(await log.search(given.roomId, 'first', 10)).toEqual([])
      }
    })

    it('[LOG-5] takes a deleted text away everywhere, the store included, and keeps its seq', async () => {
      const { messageId = '' } = await given.log.append(given.roomId, say(given.ann, 'xyzzyplugh'))
      await given.log.append(given.roomId, { type: 'edit', userId: given.ann.id, moderator: false, messageId, text: 'xyzzyfrotz' })
      await given.log.append(given.roomId, { type: 'delete', userId: given.ann.id, moderator: false, messageId })
      for (const log of [given.log, await given.reopen()]) {
        const { entries } = await log.since(given.roomId, 0, 10)
        expect(entries.map(entry => entry.seq)).toEqual([1, 2, 3])
        expect(entries[0]).toMatchObject({ type: 'message.new', deleted: true, content: { text: '' } })
        expect(JSON.stringify(entries)).not.toContain('xyzzy')
        expect(await log.search(given.roomId, 'xyzzyfrotz', 10)).toEqual([])
      }
      expect((await given.raw()).includes('xyzzy')).toBe(false)
    })

    it('[LOG-5] refuses changes by others, of what is gone, and of what never was, and harms nobody else in the batch', async () => {
      const { messageId = '' } = await given.log.append(given.roomId, say(given.ann, 'mine'))
      const refused = await Promise.allSettled([
        given.log.append(given.roomId, { type: 'edit', userId: given.bob.id, moderator: false, messageId, text: 'his' }),
        given.log.append(given.roomId, { type: 'delete', userId: given.bob.id, moderator: false, messageId: 'nothing' }),
        given.log.append(given.roomId, say(given.bob, 'in between')),
        given.log.append(given.otherRoomId, { type: 'delete', userId: given.ann.id, moderator: true, messageId }),
      ])
      expect(refused.map(result => result.status === 'rejected' ? result.reason.code : result.value.seq)).toEqual(['forbidden', 'not_found', 2, 'not_found'])
      await given.log.append(given.roomId, { type: 'delete', userId: given.bob.id, moderator: true, messageId })
      await expect(given.log.append(given.roomId, { type: 'edit', userId: given.ann.id, moderator: false, messageId, text: 'back' })).rejects.toMatchObject({ code: 'not_found' })
    })

    it('[LOG-5] counts a reaction once a person, and takes it back', async () => {
      const { messageId = '' } = await given.log.append(given.roomId, say(given.ann, 'nice'))
      const react = (user: User, op: 'add' | 'remove') => given.log.append(given.roomId, { type: 'reaction', userId: user.id, messageId, emoji: '👍', op })
      await react(given.ann, 'add')
      expect(await react(given.ann, 'add')).toMatchObject({ duplicate: true })
      await react(given.bob, 'add')
      await react(given.ann, 'remove')
      for (const log of [given.log, await given.reopen()]) {
        expect((await log.newest(given.roomId, 1)).entries[0]).toMatchObject({ reactions: { '👍': [given.bob.id] } })
      }
      expect((await given.log.since(given.roomId, 0, 10)).head).toBe(4)
    })

    it('[LOG-5] a heart that was stored before it had one form is shown in it, with those that came since, and is taken back by the same button', async () => {
      const { messageId = '' } = await given.log.append(given.roomId, say(given.ann, 'lovely'))
      const react = (user: User, emoji: string, op: 'add' | 'remove') => given.log.append(given.roomId, { type: 'reaction', userId: user.id, messageId, emoji, op })
      await react(given.ann, '\u2764', 'add')
      await react(given.bob, '\u2764\uFE0F', 'add')
      const log = await given.reopen()
      expect((await log.newest(given.roomId, 1)).entries[0]).toMatchObject({ reactions: { '\u2764\uFE0F': [given.ann.id, given.bob.id] } })
      await react(given.ann, '\u2764\uFE0F', 'remove')
      expect((await (await given.reopen()).newest(given.roomId, 1)).entries[0]).toMatchObject({ reactions: { '\u2764\uFE0F': [given.bob.id] } })
    })

    it('[LOG-6] clears: what is at or below the floor is gone for every read, and its client ids stay taken', async () => {
      await given.log.append(given.roomId, say(given.ann, 'plover', 'p'))
      await given.log.append(given.roomId, { type: 'clear', userId: given.ann.id })
      await given.log.append(given.roomId, say(given.ann, 'new'))
      for (const log of [given.log, await given.reopen()]) {
        expect(await log.since(given.roomId, 0, 10)).toMatchObject({ head: 3, floor: 1, entries: [{ type: 'clear', seq: 2, floor_seq: 1 }, { seq: 3 }] })
        expect(texts((await log.newest(given.roomId, 10)).entries)).toEqual(['new'])
        expect((await log.before(given.roomId, 99, 10)).messages).toHaveLength(1)
        expect(await log.search(given.roomId, 'plover', 10)).toEqual([])
        expect(await log.append(given.roomId, say(given.ann, 'again', 'p'))).toMatchObject({ seq: 1, duplicate: true })
      }
      await given.log.erased()
      expect((await given.raw()).includes('plover')).toBe(false)
    })

    it('[RES-8] pages older messages newest first, and says whether more remain', async () => {
      await Promise.all(Array.from({ length: 7 }, (_, i) => given.log.append(given.roomId, say(given.ann, `m${i + 1}`))))
      const page = await given.log.before(given.roomId, 6, 3)
      expect(page.messages.map(message => message.seq)).toEqual([5, 4, 3])
      expect(page.more).toBe(true)
      expect((await given.log.before(given.roomId, 3, 3))).toMatchObject({ more: false, messages: [{ seq: 2 }, { seq: 1 }] })
    })

    it('searches words in any order and case, the last one from its beginning, and takes query syntax as words', async () => {
      await given.log.append(given.roomId, say(given.ann, 'The Quick brown fox'))
      await given.log.append(given.otherRoomId, say(given.ann, 'quick as well'))
      const found = async (words: string) => (await given.log.search(given.roomId, words, 10)).map(message => message.seq)
      expect(await found('brown quick')).toEqual([1])
      expect(await found('qui')).toEqual([1])
      expect(await found('quick slow')).toEqual([])
      expect(await found('"quick" OR text:* NEAR(')).toEqual([])
      expect(await found('!!! ---')).toEqual([])
    })

    it('says not_found for a room that is not there', async () => {
      await expect(given.log.append('nowhere', say(given.ann, 'x'))).rejects.toMatchObject({ code: 'not_found' })
      await expect(given.log.since('nowhere', 0, 1)).rejects.toMatchObject({ code: 'not_found' })
    })
  })
}
