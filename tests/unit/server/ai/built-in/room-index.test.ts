import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ROOM_BOUNDS, createRoomIndex } from '../../../../../server/ai/built-in/room-index'
import { createRoomLog } from '../../../../../server/log/room-log'
import type { Append } from '../../../../../server/log/types'
import type { Entry } from '../../../../../shared/protocol/frames'
import { createTestDatabase } from '../../../../support/database'
import { messagesOf, readerOf, roomOf } from '../../../../support/engine-room'

const WORDS = ['budget', 'release', 'proxy', 'contract', 'coffee']

describe('the index of a room', () => {
  it('[built-in engine] is kept up with the log: it knows what a fresh one knows, and finds what a fresh one finds', async () => {
    const database = await createTestDatabase()
    const ann = await database.addUser('Ann')
    const log = createRoomLog(database.handle)
    let rooms = 0
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ op: fc.constant('say' as const), words: fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 4 }) }) },
      fc.record({ op: fc.constantFrom('edit' as const, 'delete' as const, 'react' as const, 'unreact' as const), which: fc.nat(), words: fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 4 }) }),
      fc.record({ op: fc.constantFrom('load' as const, 'search' as const) }),
      { weight: 1, arbitrary: fc.record({ op: fc.constant('clear' as const) }) },
    )
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const { id } = await database.addRoom(`room-${rooms++}`, ann)
      const make = () => createRoomIndex('room', { before: (seq, limit) => log.before(id, seq, limit) })
      const index = make()
      const stop = log.onCommitted((room, entries) => room === id && index.apply(entries))
      const ids: string[] = []
      let loading: Promise<void> | undefined
      for (const { op, ...more } of steps) {
        const { which = 0, words = [] } = more as { which?: number, words?: string[] }
        if (op === 'load') loading ??= index.load()
        else if (op === 'search') await index.search(WORDS[0]!)
        else {
          const messageId = ids[which % Math.max(1, ids.length)]
          const append: Append | undefined = op === 'say'
            ? { type: 'message', userId: ann.id, userName: 'Ann', content: { text: words.join(' '), type: 'user', actor_type: 'client', format: 'plain' } }
            : op === 'clear'
              ? { type: 'clear', userId: ann.id }
              : messageId === undefined
                ? undefined
                : op === 'edit' ? { type: 'edit', userId: ann.id, moderator: false, messageId, text: words.join(' ') } : op === 'delete' ? { type: 'delete', userId: ann.id, moderator: false, messageId } : { type: 'reaction', userId: ann.id, messageId, emoji: '👍', op: op === 'react' ? 'add' : 'remove' }
          // What was deleted or cleared cannot be changed any more.
          const done = append && await log.append(id, append).catch(() => undefined)
          if (op === 'say' && done?.messageId) ids.push(done.messageId)
        }
      }
      await (loading ?? index.load())
      stop()
      const fresh = make()
      await fresh.load()
      expect(index.view()).toEqual(fresh.view())
      for (const word of WORDS) {
        const found = async (from: typeof index) => (await from.search(word, { limit: 100 })).map(({ line }) => line.seq).sort()
        expect(await found(index)).toEqual(await found(fresh))
      }
    }), { numRuns: 40 })
    await database.dispose()
  }, 60_000)

  it('[built-in engine] forgets what was edited away, deleted and cleared, though it was searched for before', async () => {
    const index = await roomOf([{ by: 'Ada', at: 0, text: 'the secret budget' }, { by: 'Bob', at: 1, text: 'the secret contract' }, { by: 'Cem', at: 2, text: 'a secret coffee' }])
    const found = async (words: string) => (await index.search(words)).map(({ line }) => line.seq).sort()
    const entry = { room: 'plan', userId: 'ada', timestamp: new Date(0).toISOString() }
    expect(await found('secret')).toEqual([1, 2, 3])
    index.apply([{ ...entry, type: 'message.edited', seq: 4, messageId: 'm1', content: { text: 'the public budget', type: 'user', actor_type: 'client', format: 'plain' } }])
    expect(await found('secret')).toEqual([2, 3])
    expect(await found('public')).toEqual([1])
    index.apply([{ ...entry, type: 'message.deleted', seq: 5, messageId: 'm2' }])
    expect(await found('secret contract')).toEqual([3])
    index.apply([{ ...entry, type: 'clear', seq: 6, floor_seq: 5 }])
    expect(await found('secret')).toEqual([])
    expect(index.view().lines).toEqual([])
  })

  it('[built-in engine] is bounded in number and size, and says that it left older ones unread', async () => {
    const many = messagesOf(Array.from({ length: ROOM_BOUNDS.messages + 50 }, (_, n) => ({ by: 'Ada', at: 0, text: `message ${n}` })))
    const index = createRoomIndex('plan', readerOf(many))
    await index.load()
    expect(index.view()).toMatchObject({ partial: true })
    expect(index.view().lines).toHaveLength(ROOM_BOUNDS.messages)
    expect(index.view().lines[0]?.seq).toBe(51)
    index.apply(messagesOf(Array.from({ length: ROOM_BOUNDS.messages + 51 }, () => ({ by: 'Ada', at: 0, text: 'more' }))).slice(-1) as Entry[])
    expect(index.view().lines.length).toBeLessThanOrEqual(ROOM_BOUNDS.messages)
    expect(index.view().lines.at(-1)?.text).toBe('more')

    const large = createRoomIndex('plan', readerOf(messagesOf(Array.from({ length: 4000 }, () => ({ by: 'Ada', at: 0, text: 'x'.repeat(16_000) })))))
    await large.load()
    expect(large.view().lines.every(({ text }) => text.length <= ROOM_BOUNDS.textLength)).toBe(true)
    expect(large.view().lines.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(ROOM_BOUNDS.characters)
  })

  it('[built-in engine] is read again when reading it failed', async () => {
    let fails = true
    const reader = readerOf(messagesOf([{ by: 'Ada', at: 0, text: 'here' }]))
    const index = createRoomIndex('plan', { before: async (...page) => fails ? Promise.reject(new Error('disk')) : reader.before(...page) })
    await expect(index.load()).rejects.toThrow('disk')
    fails = false
    await index.load()
    expect(index.view().lines).toHaveLength(1)
  })

  it('[built-in engine] finds nothing for a search of nothing, and stops when it is stopped', async () => {
    const index = await roomOf(Array.from({ length: 5000 }, (_, n) => ({ by: 'Ada', at: 0, text: `the budget of part ${n} ${'and so on '.repeat(20)}` })))
    expect(await index.search('the of and')).toEqual([])
    const stop = new AbortController()
    const searched = index.search('budget', { signal: stop.signal })
    stop.abort()
    await expect(searched).rejects.toThrow(/abort/i)
    expect((await index.search('budget')).length).toBe(5)
  })

  it('[built-in engine] holds texts of any script', async () => {
    const index = await roomOf([{ by: 'A', at: 0, text: '大きなファイルのアップロード' }, { by: 'B', at: 1, text: 'Überprüfung der Verträge' }, { by: 'C', at: 2, text: 'Загрузка больших файлов' }, { by: 'D', at: 3, text: '🎉' }])
    expect((await index.search('アップロード'))[0]?.line.seq).toBe(1)
    expect((await index.search('verträge'))[0]?.line.seq).toBe(2)
    expect((await index.search('файлов'))[0]?.line.seq).toBe(3)
  })
})
