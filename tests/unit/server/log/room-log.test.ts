import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRoomLog } from '../../../../server/log/room-log'
import { reacted } from '../../../../shared/log/reduce'
import type { Append } from '../../../../server/log/types'
import { createTestDatabase } from '../../../support/database'
import { describeLog } from './log.contract'

describeLog('on a database', async () => {
  const database = await createTestDatabase()
  const ann = await database.addUser('Ann')
  const bob = await database.addUser('Bob')
  return {
    log: createRoomLog(database.handle),
    roomId: (await database.addRoom('one', ann)).id,
    otherRoomId: (await database.addRoom('two', ann)).id,
    ann,
    bob,
    raw: database.raw,
    reopen: async () => createRoomLog(database.handle),
    dispose: database.dispose,
  }
})

it('[MANY-1] the newest entries are those that another node has committed, told or not', async () => {
  const database = await createTestDatabase()
  const ann = await database.addUser('Ann')
  const { id } = await database.addRoom('room', ann)
  const [here, there] = [{}, {}].map(() => createRoomLog(database.handle, { isShared: true }))
  const say = (text: string) => here!.append(id, { type: 'message', userId: ann.id, userName: ann.name, content: { text, type: 'user', actor_type: 'client', format: 'plain' } })
  await say('one')
  expect(await there!.newest(id, 10)).toMatchObject({ head: 1 })
  await say('two')
  expect(await there!.newest(id, 10)).toMatchObject({ head: 2, entries: [{ seq: 1 }, { seq: 2 }] })
  await database.dispose()
})

it('[LOG-2] goes on writing and acking when one who listens fails', async () => {
  const database = await createTestDatabase()
  const ann = await database.addUser('Ann')
  const { id } = await database.addRoom('room', ann)
  const errors: unknown[] = []
  const log = createRoomLog(database.handle, { onError: error => errors.push(error) })
  const heard: number[] = []
  log.onCommitted(() => {
    throw new Error('a listener fails')
  })
  log.onCommitted((_room, entries) => heard.push(...entries.map(entry => entry.seq)))
  for (const text of ['one', 'two']) {
    await log.append(id, { type: 'message', userId: ann.id, userName: ann.name, content: { text, type: 'user', actor_type: 'client', format: 'plain' } })
  }
  expect(heard).toEqual([1, 2])
  expect(errors).toHaveLength(2)
  await database.dispose()
})

it('takes only what somebody said for the last time anyone spoke', async () => {
  const database = await createTestDatabase()
  const ann = await database.addUser('Ann')
  const { id } = await database.addRoom('room', ann)
  let now = '2026-01-01T00:00:00.000Z'
  const log = createRoomLog(database.handle, { now: () => now })
  const spokenAt = async () => (await database.handle.db.selectFrom('rooms').select('last_at').where('id', '=', id).executeTakeFirstOrThrow()).last_at
  await log.append(id, { type: 'room', userId: ann.id, title: 'A title' })
  expect(await spokenAt()).toBeNull()
  await log.append(id, { type: 'message', userId: ann.id, userName: ann.name, content: { text: 'hello', type: 'user', actor_type: 'client', format: 'plain' } })
  now = '2026-01-02T00:00:00.000Z'
  await log.append(id, { type: 'room', userId: ann.id, title: 'Another title' })
  expect(await spokenAt()).toBe('2026-01-01T00:00:00.000Z')
  await database.dispose()
})

it('fails the one append the database cannot take, and none of those beside it', async () => {
  const database = await createTestDatabase()
  const ann = await database.addUser('Ann')
  const { id } = await database.addRoom('room', ann)
  const log = createRoomLog(database.handle)
  const say = (text: string, userName: unknown = ann.name) => log.append(id, {
    type: 'message', userId: ann.id, userName: userName as string, clientMsgId: text, content: { text, type: 'user', actor_type: 'client', format: 'plain' },
  })
  const results = await Promise.allSettled([say('one'), say('two'), say('broken', null), say('three')])
  expect(results.map(result => result.status === 'fulfilled' ? result.value.seq : result.reason.code)).toEqual([1, 2, 'unavailable', 3])
  expect((await log.since(id, 0, 10)).entries.map(entry => entry.seq)).toEqual([1, 2, 3])
  await database.dispose()
})

it('takes reactions named like what every object has', () => {
  for (const emoji of ['__proto__', 'constructor', 'toString']) {
    const added = reacted(undefined, { emoji, userId: 'ann', op: 'add' })
    expect(Object.entries(added ?? {})).toEqual([[emoji, ['ann']]])
    expect(reacted(added, { emoji, userId: 'ann', op: 'remove' })).toBeUndefined()
  }
})

/** One step of a random history; `target` picks among the messages so far. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('say' as const), text: fc.string({ minLength: 1, maxLength: 8 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('edit' as const), target: fc.nat(), text: fc.string({ minLength: 1, maxLength: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), target: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('react' as const), target: fc.nat(), emoji: fc.constantFrom('👍', '🎉'), op: fc.constantFrom('add' as const, 'remove' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
)

it('[LOG-5] a read from memory equals a read from the database after any history', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
    const database = await createTestDatabase()
    try {
      const ann = await database.addUser('Ann')
      const { id } = await database.addRoom('room', ann)
      const live = createRoomLog(database.handle)
      await live.newest(id, 1)
      const messages: string[] = []
      for (const given of steps) {
        const messageId = 'target' in given ? messages[given.target % Math.max(1, messages.length)] ?? 'none' : ''
        const append: Append = given.kind === 'say'
          ? { type: 'message', userId: ann.id, userName: ann.name, content: { text: given.text, type: 'user', actor_type: 'client', format: 'plain' } }
          : given.kind === 'edit'
            ? { type: 'edit', userId: ann.id, moderator: false, messageId, text: given.text }
            : given.kind === 'delete'
              ? { type: 'delete', userId: ann.id, moderator: false, messageId }
              : given.kind === 'react'
                ? { type: 'reaction', userId: ann.id, messageId, emoji: given.emoji, op: given.op }
                : { type: 'clear', userId: ann.id }
        const appended = await live.append(id, append).catch((error: { code: string }) => {
          expect(error.code).toBe('not_found')
          return undefined
        })
        if (given.kind === 'say' && appended?.messageId) messages.push(appended.messageId)
      }
      const stored = createRoomLog(database.handle)
      expect(await live.since(id, 0, 1000)).toEqual(await stored.since(id, 0, 1000))
      expect(await live.newest(id, 5)).toEqual(await stored.newest(id, 5))
    } finally {
      await database.dispose()
    }
  }), { numRuns: 25 })
})
